-- A key is taken by the transaction in which its request first writes. result is
-- what it made, for a repetition that comes before there is an answer; until then
-- answer is empty.
ALTER TABLE idempotency ADD COLUMN result TEXT NOT NULL DEFAULT '';

-- The sender's own name for a request, as it is reported with what became of it.
ALTER TABLE requests ADD COLUMN label TEXT;
