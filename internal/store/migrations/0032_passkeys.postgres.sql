CREATE SEQUENCE passkey_id;
