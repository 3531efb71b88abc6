package sandbox

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/valyala/fasthttp"
)

// File is a file that a bot has sent. A file that is sent again by its file_id is the same File; bytes that are
// uploaded again are another one with the same UniqueID.
type File struct {
	Bot       int64  `json:"bot"`
	ID        string `json:"fileId"`       // good for this bot alone
	UniqueID  string `json:"fileUniqueId"` // the same wherever the same bytes, or the same URL, were sent
	Kind      string `json:"kind"`         // what it became: photo, video, animation, document, audio or voice
	Name      string `json:"name,omitempty"`
	MIMEType  string `json:"mimeType,omitempty"`
	Size      int64  `json:"size"`             // bytes; 0 for one that came from a URL
	SHA256    string `json:"sha256,omitempty"` // of the uploaded bytes, in hex; empty for one that came from a URL
	URL       string `json:"url,omitempty"`    // where Telegram would have fetched it
	Width     int64  `json:"width,omitempty"`  // pixels
	Height    int64  `json:"height,omitempty"`
	Duration  int64  `json:"duration,omitempty"` // seconds, as its sender says
	Performer string `json:"performer,omitempty"`
	Title     string `json:"title,omitempty"`

	path       string // its file_path
	undetected bool   // it is not looked into, and stays a document
}

// maxDownload is the largest file that getFile hands out, in bytes, unless Options.Local is set.
const maxDownload = 20 << 20

var (
	errFileUnknown = errors.New("wrong file identifier/HTTP URL specified")
	errFileBroken  = errors.New("wrong remote file identifier specified: Wrong character in the string")
	errFileGone    = errors.New("wrong file_id or the file is temporarily unavailable")
)

// files are the files that one bot has sent.
type files struct {
	list []*File
	ids  map[string]*File // by file_id, those of the smaller sizes of a photo too
	any  bool             // every id of the form that Verdict documents is one
}

// sentFile returns the file of a file_id.
func (b *bot) sentFile(id string) (*File, error) {
	for _, letter := range []byte(id) {
		if !isAlnum(letter) && letter != '-' && letter != '_' {
			return nil, errFileBroken
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.files.ids[id]; f != nil {
		return f, nil
	}
	if b.files.any {
		if f := imagined(id); f != nil {
			return f, nil
		}
	}
	return nil, errFileUnknown
}

// imagined returns the file that an id of the form sandbox-<kind>-<anything> names; nil for every other id.
func imagined(id string) *File {
	rest, ok := strings.CutPrefix(id, "sandbox-")
	if !ok {
		return nil
	}
	name, rest, _ := strings.Cut(rest, "-")
	if rest == "" || kindNamed(name) == nil {
		return nil
	}
	return &File{ID: id, UniqueID: id, Kind: name}
}

// keepFile gives a file that was just sent its ids.
func (b *bot) keepFile(f *File) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files.list = append(b.files.list, f)
	number := strconv.Itoa(len(b.files.list))
	f.Bot = b.id
	f.ID = strings.Join([]string{f.Kind, strconv.FormatInt(b.id, 10), number, f.UniqueID}, "-")
	f.path = kindNamed(f.Kind).folder + "/file_" + number + extension(f.Name)
	if b.files.ids == nil {
		b.files.ids = make(map[string]*File)
	}
	b.files.ids[f.ID] = f
	if f.Kind == photoKind.name {
		for _, mark := range sizeMarks[:len(f.sizes())-1] {
			b.files.ids[f.ID+mark] = f
		}
	}
}

// extension is the last part of a file's name, with its period; empty where there is none that a path can have.
func extension(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return ""
	}
	for _, letter := range []byte(name[i+1:]) {
		if !isAlnum(letter) {
			return ""
		}
	}
	return strings.ToLower(name[i:])
}

// Files returns the files that a bot has sent, or with a zero botID those of all bots, in the order in which each was
// first sent. Each upload and each URL is one, however often it was sent by file_id afterwards.
func (s *Sandbox) Files(botID int64) []File {
	s.mu.RLock()
	bots := make([]*bot, 0, len(s.bots))
	for id, b := range s.bots {
		if botID == 0 || botID == id {
			bots = append(bots, b)
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(bots, func(a, b *bot) int { return int(min(max(a.id-b.id, -1), 1)) })
	list := []File{}
	for _, b := range bots {
		b.mu.Lock()
		for _, f := range b.files.list {
			list = append(list, *f)
		}
		b.mu.Unlock()
	}
	return list
}

func (c *call) getFile() error {
	id := string(c.params.get("file_id"))
	if id == "" {
		return errors.New("file_id not specified")
	}
	f, err := c.bot.sentFile(id)
	if errors.Is(err, errFileBroken) {
		return errors.New("invalid file_id")
	}
	if err != nil || f.URL != "" {
		return errFileGone
	}
	if f.Size > maxDownload && !c.sandbox.options.Local {
		return errors.New("file is too big")
	}
	c.out = append(c.out, `{"file_id":`...)
	c.out = appendString(c.out, f.ID)
	c.out = append(c.out, `,"file_unique_id":`...)
	c.out = appendString(c.out, f.UniqueID)
	c.out = append(c.out, `,"file_size":`...)
	c.out = strconv.AppendInt(c.out, f.Size, 10)
	c.out = append(c.out, `,"file_path":`...)
	c.out = append(appendString(c.out, f.path), '}')
	return nil
}

const filePrefix = "/file/bot"

// download answers a request to /file/bot<token>/<file_path>: the bytes that were uploaded.
func (s *Sandbox) download(ctx *fasthttp.RequestCtx, path []byte) {
	if !ctx.IsGet() {
		s.refuse(ctx, &refusal{code: 405, description: "Method Not Allowed"})
		return
	}
	if bytes.IndexByte(path, '%') >= 0 {
		path = appendUnescaped(nil, path, false)
	}
	token, name, _ := bytes.Cut(path[len(filePrefix):], []byte{'/'})
	id, refused := parseToken(token)
	if refused == nil {
		refused = s.bot(id).authorize(token)
	}
	if refused != nil {
		s.refuse(ctx, refused)
		return
	}
	content, found := s.contents.get(s.bot(id).fileAt(string(name)))
	if !found {
		s.refuse(ctx, errNotFound)
		return
	}
	s.delay()
	ctx.Response.Header.SetContentType("application/octet-stream")
	ctx.Response.SetBody(content)
}

// fileAt returns the SHA-256 of the file with that file_path; empty if there is none.
func (b *bot) fileAt(path string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.files.list {
		if f.path == path {
			return f.SHA256
		}
	}
	return ""
}

// contents are the bytes of uploaded files, each once, whichever bots uploaded it.
type contents struct {
	mu     sync.Mutex
	bySHA  map[string][]byte
	upload int64 // how many files were uploaded
}

// add records an upload; its bytes only if they are to be kept.
func (c *contents) add(sha string, content []byte, keep bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.upload++
	if !keep {
		return
	}
	if c.bySHA == nil {
		c.bySHA = make(map[string][]byte)
	}
	if _, known := c.bySHA[sha]; !known {
		c.bySHA[sha] = content
	}
}

func (c *contents) get(sha string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	content, found := c.bySHA[sha]
	return content, found
}

func (c *contents) uploads() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.upload
}

func (c *contents) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bySHA, c.upload = nil, 0
}
