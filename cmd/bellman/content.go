package main

import (
	"context"
	"io"

	"bellman/internal/dispatch"
	"bellman/internal/media"
	"bellman/internal/track"
)

// links makes the addresses of links under the installation's own.
type links struct {
	signer *track.Signer
	// public is the installation's address.
	public string
}

var _ dispatch.Links = links{}

// Mint implements [dispatch.Links].
func (l links) Mint(campaignID, seq, contactID int64, number int, target string) string {
	return l.public + track.Path + l.signer.Mint(track.Code{
		CampaignID: campaignID, Seq: seq, ContactID: contactID, Link: number, Target: target,
	})
}

// files provides uploaded files, and how each bot sends them.
type files struct {
	*media.Sent
	uploads *media.Service
}

var _ dispatch.Files = files{}

// Open implements [dispatch.Files].
func (f files) Open(ctx context.Context, workspaceID, id int64) (name string, size int64, content io.ReadCloser, err error) {
	file, content, err := f.uploads.Open(ctx, workspaceID, id)
	return file.Name, file.Size, content, err
}
