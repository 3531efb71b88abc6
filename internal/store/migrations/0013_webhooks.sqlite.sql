INSERT INTO counters (name, last) VALUES ('webhook_id', 0), ('activity_id', 0);
