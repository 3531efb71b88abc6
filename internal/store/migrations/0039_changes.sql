-- What a campaign does in the chats of its recipients. One that edits or deletes does so to
-- what resend_of has sent.
ALTER TABLE campaigns ADD COLUMN action TEXT NOT NULL DEFAULT 'send' CHECK (action IN ('send', 'edit', 'delete'));

-- The message in the recipient's chat that is edited or deleted. It is laid out with the
-- recipient, so that a claim need not look into the ledger of the other campaign, which may
-- lie on another server, or be forgotten meanwhile.
ALTER TABLE recipients ADD COLUMN target_message_id BIGINT;
