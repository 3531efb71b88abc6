INSERT INTO counters (name, last) VALUES ('event_type_id', 0), ('event_id', 0);
