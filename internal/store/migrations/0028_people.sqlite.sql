INSERT INTO counters (name, last)
VALUES ('user_id', 0), ('session_id', 0), ('link_id', 0), ('workspace_id', 1);
