"""When two names are the same: sent names are compared with filed ones, and the first difference is shown to a reader."""

import unicodedata


def comparable(name: str) -> str:
    """A name without what may differ from the filed one: blanks, punctuation, width and letter case, the commonest slips."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).upper()))


def difference(filed: str, sent: str) -> tuple[str, str]:
    """Where two names first differ, in Chinese and English, for a reader: what is filed there and what was sent."""
    ours, theirs = comparable(filed), comparable(sent)
    pairs = enumerate(zip(ours, theirs, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(ours), len(theirs)))
    there, here = ours[same : same + 1], theirs[same : same + 1]
    around = theirs[max(same - 8, 0) : same]
    zh = f"“{around}”之后，备案为“{there or '（无）'}”，所填为“{here or '（无）'}”；备案名称：{filed}"
    en = f"after '{around}' filed is '{there or '(nothing)'}', sent is '{here or '(nothing)'}'; registered: {filed}"
    return zh, en
