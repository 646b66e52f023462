-- name: bind_branch
-- For whom this connection asks from now on; row-level security compares it. No question may keep it longer than half a minute.
select set_config('coedi.branch', %(branch)s, false), set_config('statement_timeout', '30s', false);

-- name: any_user
-- Whether anybody may sign in at all.
select exists (select from console_user where active);
