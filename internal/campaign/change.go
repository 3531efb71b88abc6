package campaign

import (
	"context"
	"fmt"
	"time"

	"bellman/internal/fault"
	"bellman/internal/idempotency"
	"bellman/internal/message"
)

const (
	// deletable is for how long after it was sent Telegram lets a bot delete a message. For
	// the editing of its own messages it sets a bot no time.
	//
	// spec: tg-deletable
	deletable = 48 * time.Hour
	// landing is how long after the end of a campaign its messages may still be on the wire.
	landing = 2 * time.Minute
)

// EditSent puts a message, as it is now, in the place of what a broadcast has sent, in the
// chats of all who got it, and returns the campaign that does so.
//
// A broadcast that has not ended, that is itself an edit or a deletion, that nobody got, or
// that another edit or deletion is under way for, is a Conflict; so is one whose recipients
// are not kept any more, which is [ErrNotKept]. A message that Telegram would refuse, or
// would not let take the place of the other, is Invalid. It is Forbidden for the author of
// the broadcast or of the message when more people got it than the workspace lets an author
// reach.
func (s *Service) EditSent(ctx context.Context, workspaceID, id, messageID int64) (Report, error) {
	if made, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, workspaceID, made)
	}
	of, before, err := s.changeable(ctx, workspaceID, id, Edit)
	if err != nil {
		return Report{}, err
	}
	m, template, err := s.checked(ctx, workspaceID, messageID)
	if err != nil {
		return Report{}, err
	}
	if err := before.CheckEdit(m.Content); err != nil {
		return Report{}, err
	}
	c := of.changedBy(Edit, s.now())
	c.MessageID, c.MessageName, c.Writer = messageID, m.Name, m.Author
	if c.Content, err = m.Content.Encode(); err != nil {
		return Report{}, err
	}
	r, err := s.goThrough(ctx, c, string(Edit), s.store.CreateChange)
	r.Warnings = s.warnings(template)
	return r, err
}

// DeleteSent removes what a broadcast has sent from the chats of all who got it, and returns
// the campaign that does so. What is a Conflict for [Service.EditSent] is one here, and so is
// a broadcast that ended more than 48 hours ago. It is Forbidden as there.
func (s *Service) DeleteSent(ctx context.Context, workspaceID, id int64) (Report, error) {
	if made, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, workspaceID, made)
	}
	of, _, err := s.changeable(ctx, workspaceID, id, Delete)
	if err != nil {
		return Report{}, err
	}
	if s.now().Sub(of.FinishedAt) > deletable {
		return Report{}, fault.New(fault.Conflict, "delete_too_late",
			"it ended more than 48 hours ago, and Telegram lets a bot delete a message for 48 hours only; it can still be edited")
	}
	return s.goThrough(ctx, of.changedBy(Delete, s.now()), string(Delete), s.store.CreateChange)
}

// changeable returns a broadcast whose messages can be edited or deleted, and its content.
func (s *Service) changeable(ctx context.Context, workspaceID, id int64, a Action) (of Campaign, content message.Content, err error) {
	of, l, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return of, content, err
	}
	verb := fmt.Sprintf("%s the messages of", a)
	switch sending := CountsOf(of, l).Sending; {
	case of.Kind != Broadcast:
		return of, content, of.refuse(verb, "it sends to one person after another, as systems ask for it, and has no end")
	case of.Action.Changes():
		return of, content, fault.New(fault.Conflict, "change_of_change",
			"it sent nothing itself: it changed what campaign %d has sent; %s the messages of that one", of.Of, a)
	case !of.State.Ended():
		return of, content, of.refuse(verb, "that needs it to have ended: cancel it, so that nobody else gets it, or wait for its end")
	case !of.ForgottenAt.IsZero():
		return of, content, ErrNotKept
	case sending > 0 && s.now().Sub(of.FinishedAt) < landing:
		return of, content, fault.New(fault.Conflict, "messages_on_the_wire",
			"%d of its messages are on the wire still: try again in a minute", sending)
	case l.Sent == 0:
		return of, content, fault.New(fault.Conflict, "nobody_got_it", "nobody is known to have got it: there is nothing to %s", a)
	}
	if content, err = message.Decode(of.Content); err == nil && content.HasAlbum() {
		err = fault.New(fault.Conflict, "change_of_album",
			"it has an album, which is several messages in a chat, and Telegram told which the first one is: it cannot be changed whole")
	}
	return of, content, err
}

// changedBy returns the campaign that does something to what this one has sent. It costs no
// Stars: Telegram charges for messages that are sent.
func (c Campaign) changedBy(a Action, now time.Time) Campaign {
	return Campaign{
		WorkspaceID: c.WorkspaceID, BotID: c.BotID, MessageID: c.MessageID, Name: c.Name, Kind: Broadcast, State: Launching,
		Action: a, Of: c.ID, Audience: Audience{Statuses: []Status{Sent}}, BotUsername: c.BotUsername, MessageName: c.MessageName,
		Content: c.Content, Author: c.Author, Writer: c.Writer, LaunchedAt: now, CreatedAt: now, UpdatedAt: now,
	}
}
