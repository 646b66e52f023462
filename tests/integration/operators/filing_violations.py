"""What an intruder, a bug or a lost write could do to filings, and the promise that must notice it."""

FILINGS: tuple[tuple[str, str], ...] = (
    ("filing_history", "delete from filing_transition where version = 1"),
    ("filing_history", "update filing_transition set source = 'APPROVED' where version = 2"),
    ("filing_history", "update filing_transition set event = 'jump' where version = 1"),
    ("filing_state", "update filing set state = 'REGISTERED' where state = 'PENDING_REVIEW'"),
    ("filing_state", "update filing set version = version - 1"),
    ("filing_state", "update filing set head = sha256('x')"),
    ("filing_state", "delete from filing_transition where version > 0"),
    ("filing_receipts", "delete from receipt where stream like 'filing:%'"),
    ("filing_receipts", "update receipt set state = 'APPROVED' where stream like 'filing:%' and sequence = 2"),
    ("filing_receipts", "insert into receipt select 'x', stream, 99, enterprise, branch, 9999, code, correlation, state, body, at"
                        " from receipt where stream like 'filing:%' limit 1"),
    ("filing_numbers", "update filing set number = 'F26-1100A2001-0007' where kind = 'goods'"),
    ("filing_numbers", "insert into filing_counter values ('1100A2001', 2026, 3)"),
    ("filing_numbers", "update filing set state = 'APPROVED' where kind = 'goods'"),
    ("filings_held", "delete from live_filing"),
    ("filings_held", "insert into live_filing select kind, enterprise, subject, id from filing where state = 'RETURNED'"),
    ("chains", "update filing_transition set actor = 'branch:1100B0' where version = 2"),
    ("chains", "delete from filing where kind = 'goods'"),
)
