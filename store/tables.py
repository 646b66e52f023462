"""Tables that only some kinds of message write: the query that writes each, and its columns, in the order of writing."""

# query -> columns of a row given to `Work.add`
ROWS: dict[str, str] = {
    "insert_early": "interchange position enterprise minutes",
    "delete_early": "interchange position",
    "forget_early": "interchange",
    "insert_corrections": "stock old new certificate reason actor",
    "spoil_corrected": "stock serial certificate reason actor",
    "use_serials": "branch stock serial status certificate reason actor",
    "insert_print_reports": "message certificate copies serial printer reported_by",
    "insert_local_prints": "message certificate copies printer",
    "save_enterprises": "no name_zh name_en address_en contact name_suffix",
    "save_signatories": "enterprise code name_zh active",
    "save_operators": "enterprise code name_zh contact active",
    "save_customs_codes": "enterprise code status issued_on nature decided_by",
    "save_images": "enterprise kind code media_type sha256 body",
    "refresh_enterprises": "no",
    "insert_shadow_differences": "certificate version active shadow active_verdict shadow_verdict added removed changed",
    "refresh_seals": "no",
    "insert_four_eyes": "certificate version event eyes reason",
    "carry_four_eyes": "certificate version revision",
    "carry_eyes": "certificate version",
    "insert_approvals": "certificate version event person note",
}
