-- Names are sorted byte by byte, as in the program.
ALTER TABLE campaigns ALTER COLUMN name_key TYPE TEXT COLLATE "C";
