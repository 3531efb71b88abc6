package dispatch

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"bellman/internal/message"
	"bellman/internal/telegram"
)

// Links makes the addresses under which clicks on the links of messages are
// counted.
type Links interface {
	// Mint returns the address for one recipient and link. number is the link's
	// place in the message. target is where the link leads when that differs
	// between recipients, empty otherwise.
	Mint(campaignID, seq, contactID int64, number int, target string) string
}

// Files knows the files of messages, and how each bot sends them.
type Files interface {
	// Load prepares what File returns for these files of the bot.
	Load(ctx context.Context, botID int64, media []message.Media) error
	// File returns how the bot sends a file, zero when it never has.
	File(botID int64, m message.Media) message.File
	// Keep records how the bot sends a file. Forget records that Telegram does not
	// know it any more.
	Keep(ctx context.Context, botID int64, m message.Media, f message.File) error
	Forget(ctx context.Context, botID int64, m message.Media) error
	// Open returns an uploaded file's name, length in bytes, and content.
	Open(ctx context.Context, workspaceID, id int64) (name string, size int64, content io.ReadCloser, err error)
}

// composer writes the calls of one campaign. It is safe for concurrent use.
type composer struct {
	Work
	template *message.Template
	// fields are the custom fields that the template needs.
	fields []int64
	// targets holds, for each link, whether its target must be in its address.
	targets []message.Link
	links   Links
	files   Files
	media   bool
	log     *slog.Logger
}

// newComposer prepares a campaign's content. links and files may be nil: then
// links stay as they are written, and there are no files.
func newComposer(ctx context.Context, w Work, links Links, files Files, log *slog.Logger) (*composer, error) {
	content, err := message.Decode(w.Content)
	if err != nil {
		return nil, err
	}
	compile := message.Compile
	switch {
	case w.Edits:
		compile = message.CompileEdit
	case w.Deletes:
		// Nothing is written: the content is what goes.
		content = message.Content{}
	}
	template, err := compile(content)
	if err != nil {
		return nil, err
	}
	c := &composer{
		Work: w, template: template, fields: template.Fields(), targets: template.Links(), links: links, files: files, log: log,
	}
	if media := content.AllMedia(); len(media) > 0 && files != nil {
		c.media = true
		return c, files.Load(ctx, w.BotID, media)
	}
	return c, nil
}

// outline is what a sender has to know of a message before the message is written.
type outline struct {
	// items is how many messages Telegram counts it as: the items of an album.
	items int
	// learns is true when the bot has never sent one of its files in this way. The
	// answer will show how the file is sent from then on, so other messages wait for
	// it.
	learns bool
}

func (c *composer) outline(to Recipient) outline {
	if !c.media {
		return outline{items: 1}
	}
	media := c.template.Media(to.Person)
	return outline{items: max(len(media), 1), learns: c.learns(media)}
}

// learns reports whether the bot has never sent one of the files in the way that it is
// sent here. An album takes no animations, and Telegram makes animations of videos
// without sound.
func (c *composer) learns(media []message.Media) bool {
	return slices.ContainsFunc(media, func(m message.Media) bool {
		f := c.file(m)
		return f.ID == "" || len(media) > 1 && f.Kind != m.Kind
	})
}

func (c *composer) file(m message.Media) message.File { return c.files.File(c.BotID, m) }

// call is a call of the Bot API that sends a message, or changes one.
type call struct {
	message.Call
	uploads []telegram.Upload
	// learns is true when the answer will show how files that are new to the bot
	// are sent.
	learns bool
}

// compose writes the call for one recipient as of now and appends its body to dst. An Invalid
// fault means that the recipient's values make a message that Telegram would
// refuse. Any other error may be gone at the next attempt.
func (c *composer) compose(dst []byte, to Recipient, paid bool, now time.Time) (call, error) {
	if c.Deletes {
		return deletion(dst, to), nil
	}
	r := message.Recipient{ChatID: to.ChatID, MessageID: to.Target, Paid: paid, Now: now, Person: to.Person}
	if len(c.targets) > 0 && c.links != nil {
		r.Link = func(number int, target string) string {
			if !c.targets[number].Personal {
				target = ""
			}
			return c.links.Mint(c.CampaignID, to.Seq, to.ContactID, number, target)
		}
	}
	if c.media {
		r.File = c.file
	}
	written, err := c.template.Compose(dst, r)
	if err != nil || !c.media {
		return call{Call: written}, err
	}
	out := call{Call: written, learns: c.learns(written.Media)}
	for _, u := range written.Uploads {
		name, size, content, err := c.open(u)
		if err != nil {
			for _, opened := range out.uploads {
				_ = opened.Content.Close() // nothing was read
			}
			return call{}, err
		}
		out.uploads = append(out.uploads, telegram.Upload{Field: u.Field, Name: name, Size: size, Content: content})
	}
	return out, nil
}

// deletion writes the call that deletes a message.
func deletion(dst []byte, to Recipient) call {
	dst = strconv.AppendInt(append(dst, `{"chat_id":`...), to.ChatID, 10)
	dst = strconv.AppendInt(append(dst, `,"message_id":`...), to.Target, 10)
	return call{Call: message.Call{Method: "deleteMessage", Body: append(dst, '}')}}
}

func (c *composer) open(u message.Upload) (name string, size int64, content io.ReadCloser, err error) {
	name, size, content, err = c.files.Open(context.Background(), c.WorkspaceID, u.Media.ID)
	if err != nil {
		err = fmt.Errorf("open the file %d: %w", u.Media.ID, err)
	}
	return name, size, content, err
}

// filesWithin is how long a write to the files may take. What could not be written
// is known to this process only; the next process learns it anew.
const filesWithin = 5 * time.Second

// sent records how Telegram knows the files of a message.
func (c *composer) sent(call call, files []telegram.File) {
	if len(files) != len(call.Media) {
		return
	}
	c.note(func(ctx context.Context, i int, m message.Media) error {
		if files[i].ID == "" {
			return nil
		}
		return c.files.Keep(ctx, c.BotID, m, message.File{ID: files[i].ID, Kind: message.Kind(files[i].Kind)})
	}, call.Media)
}

// refused records that Telegram does not know a file of the message any more, and
// reports whether the bot can send the file anew.
func (c *composer) refused(call call) bool {
	if len(call.Media) == 0 || call.learns {
		return false
	}
	c.note(func(ctx context.Context, _ int, m message.Media) error { return c.files.Forget(ctx, c.BotID, m) }, call.Media)
	return true
}

func (c *composer) note(write func(ctx context.Context, i int, m message.Media) error, media []message.Media) {
	ctx, cancel := context.WithTimeout(context.Background(), filesWithin)
	defer cancel()
	for i, m := range media {
		if err := write(ctx, i, m); err != nil {
			c.log.Warn("how a bot sends a file was not kept", "bot", c.BotID, "error", err)
		}
	}
}
