INSERT INTO counters (name, last) VALUES ('provider_id', 0);
