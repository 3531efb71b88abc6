CREATE SEQUENCE provider_id;
