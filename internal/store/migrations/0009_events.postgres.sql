CREATE SEQUENCE event_type_id;
CREATE SEQUENCE event_id;
