INSERT INTO counters (name, last) VALUES ('passkey_id', 0);
