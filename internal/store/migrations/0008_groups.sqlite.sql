INSERT INTO counters (name, last) VALUES ('group_id', 0);
