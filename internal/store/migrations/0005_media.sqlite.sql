INSERT INTO counters (name, last) VALUES ('media_id', 0);
