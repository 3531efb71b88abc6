-- The status of lost answers was named UNKNOWN, and is SENT.
UPDATE webhooks SET statuses = REPLACE(statuses, 'UNKNOWN', 'SENT');
UPDATE activities SET status = 'SENT' WHERE status = 'UNKNOWN';
