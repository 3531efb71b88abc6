-- Who followed a link, in the order of sending: a page of them is found without a walk over
-- the clicks of others, and clicks are counted by link without a look at the rows.
CREATE INDEX clicks_by_link ON clicks (campaign_id, link, seq) WHERE press IS NULL;
