INSERT INTO counters (name, last) VALUES ('field_id', 0);
