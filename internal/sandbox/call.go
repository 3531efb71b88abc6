package sandbox

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/valyala/fasthttp"
)

// call is one call of the Bot API. Calls are reused, buffers and all.
type call struct {
	sandbox  *Sandbox
	bot      *bot
	params   params
	html     htmlParser
	path     []byte
	method   []byte // in lower case
	draft    draft
	entities []byte
	media    []byte
	out      []byte // the result
}

var calls = sync.Pool{New: func() any { return new(call) }}

// release prepares the call for reuse; it drops its files.
func (c *call) release() {
	clear(c.draft.items)
	if c.params.files {
		c.params.reset()
	}
	calls.Put(c)
}

// method answers a call: it appends the result's JSON to c.out, or returns an error for asRefusal.
type method func(c *call) error

// methods are the methods of the Bot API that the sandbox knows, in lower case.
var methods map[string]method

// senders are the methods among them that send messages. Each reads and checks its call, and leaves in c.draft the
// message to be delivered.
var senders map[string]method

func init() {
	senders = map[string]method{
		"sendmessage":    (*call).readText,
		"sendmediagroup": (*call).readAlbum,
	}
	for _, k := range mediaKinds {
		senders["send"+k.name] = readMedia(k)
	}
	methods = map[string]method{
		"getme":                  (*call).getMe,
		"editmessagetext":        (*call).editMessageText,
		"editmessagemedia":       (*call).editMessageMedia,
		"editmessagereplymarkup": (*call).editMessageReplyMarkup,
		"deletemessage":          (*call).deleteMessage,
		"sendchataction":         (*call).sendChatAction,
		"answercallbackquery":    (*call).answerCallbackQuery,
		"getchat":                (*call).getChat,
		"getfile":                (*call).getFile,
		"getmycommands":          (*call).getMyCommands,
		"setmycommands":          (*call).setMyCommands,
		"deletemycommands":       (*call).deleteMyCommands,
		"getupdates":             (*call).getUpdates,
		"setwebhook":             (*call).setWebhook,
		"deletewebhook":          (*call).deleteWebhook,
		"getwebhookinfo":         (*call).getWebhookInfo,
	}
	for name, read := range senders {
		methods[name] = func(c *call) error {
			if err := read(c); err != nil {
				return err
			}
			return c.deliver()
		}
	}
}

var errNoMethod = &refusal{code: 404, description: "Not Found: method not found"}

const botPrefix = "/bot"

// botCall answers a request to /bot<token>/<method>.
func (s *Sandbox) botCall(ctx *fasthttp.RequestCtx, path, query []byte) {
	s.requests.Add(1)
	c := calls.Get().(*call)
	defer c.release()
	c.sandbox, c.bot, c.out = s, nil, c.out[:0]
	run, err := c.open(path)
	if err == nil {
		err = c.decode(ctx, query)
	}
	if err != nil {
		s.refuse(ctx, asRefusal(err))
		return
	}
	fault := s.faults.pick(c.bot.id, c.method, c.params.integer("chat_id", 0))
	if fault != nil && !fault.carriesOut() {
		s.fail(ctx, fault)
		return
	}
	if err = c.spaceUploads(); err == nil {
		err = run(c)
	}
	s.answer(ctx, c, err, fault)
}

// spaceUploads holds a call with files back until the window of its bot lets it through.
func (c *call) spaceUploads() error {
	s := c.sandbox
	size := c.params.uploaded()
	if size <= freeUpload || s.options.Local || s.rates.Load().RatePerSecond < 0 {
		return nil
	}
	c.bot.mu.Lock()
	hold, ok := c.bot.uploads.take(s.options.Now().UnixNano(), size)
	c.bot.mu.Unlock()
	if hold > 0 {
		s.wait(hold)
	}
	if !ok {
		return tooManyRequests(60)
	}
	return nil
}

// open finds the bot and the method that a path names.
func (c *call) open(path []byte) (method, error) {
	if bytes.IndexByte(path, '%') >= 0 {
		c.path = appendUnescaped(c.path[:0], path, false)
		path = c.path
	}
	token, name, ok := bytes.Cut(path[len(botPrefix):], []byte{'/'})
	if !ok || len(name) == 0 {
		return nil, errNotFound
	}
	id, refused := parseToken(token)
	if refused != nil {
		return nil, refused
	}
	c.bot = c.sandbox.bot(id)
	if refused := c.bot.authorize(token); refused != nil {
		return nil, refused
	}
	c.method = append(c.method[:0], name...)
	for i, letter := range c.method {
		if letter >= 'A' && letter <= 'Z' {
			c.method[i] = letter | 0x20
		}
	}
	run, ok := methods[string(c.method)]
	if !ok {
		return nil, errNoMethod
	}
	return run, nil
}

func (c *call) decode(ctx *fasthttp.RequestCtx, query []byte) error {
	if ctx.IsGet() {
		return c.params.decode(query, nil, nil)
	}
	if !ctx.IsPost() {
		return &refusal{code: 405, description: "Method Not Allowed"}
	}
	return c.params.decode(query, ctx.Request.Header.ContentType(), ctx.Request.Body())
}

// answer sends the result of a method. The fault, if any, spoils it on its way.
func (s *Sandbox) answer(ctx *fasthttp.RequestCtx, c *call, err error, fault *Fault) {
	if err != nil {
		s.refuse(ctx, asRefusal(err))
	} else {
		s.delay()
		ctx.Response.SetStatusCode(fasthttp.StatusOK)
		ctx.Response.Header.SetContentType("application/json")
		ctx.Response.AppendBodyString(`{"ok":true,"result":`)
		ctx.Response.AppendBody(c.out)
		ctx.Response.AppendBodyString("}")
	}
	if fault != nil {
		s.fail(ctx, fault)
	}
}

// refuse sends a refusal.
func (s *Sandbox) refuse(ctx *fasthttp.RequestCtx, r *refusal) {
	s.delay()
	s.refused(r.code)
	if r.retryAfter > 0 {
		ctx.Response.Header.Set("Retry-After", strconv.Itoa(r.retryAfter))
	}
	ctx.Response.SetStatusCode(r.code)
	ctx.Response.Header.SetContentType("application/json")
	ctx.Response.SetBody(r.append(nil))
}
