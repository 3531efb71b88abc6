INSERT INTO counters (name, last) VALUES ('import_id', 0);
