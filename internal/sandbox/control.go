package sandbox

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"
)

// help is the page at /sandbox.
//
//go:embed help.txt
var help string

// maxListed is how many messages or recipients one call of the control API returns; listed is the default.
const (
	maxListed = 100000
	listed    = 1000
)

// control answers a request to /sandbox…: the scripting of the sandbox over HTTP. Answers are JSON; an error is
// {"error": "why"} with status 400, 404 or 405.
func (s *Sandbox) control(ctx *fasthttp.RequestCtx, path string) {
	routes, ok := controlRoutes[path]
	if !ok {
		writeJSON(ctx, fasthttp.StatusNotFound, map[string]string{"error": "no such call; GET /sandbox lists them"})
		return
	}
	run, ok := routes[string(ctx.Method())]
	if !ok {
		writeJSON(ctx, fasthttp.StatusMethodNotAllowed, map[string]string{"error": "method not allowed"})
		return
	}
	result, err := run(s, ctx)
	if err != nil {
		writeJSON(ctx, fasthttp.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	if text, ok := result.(string); ok {
		ctx.Response.Header.SetContentType("text/plain; charset=utf-8")
		ctx.Response.SetBodyString(text)
		return
	}
	writeJSON(ctx, fasthttp.StatusOK, result)
}

type controlCall func(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error)

var controlRoutes = map[string]map[string]controlCall{
	"/sandbox": {
		"GET":    func(*Sandbox, *fasthttp.RequestCtx) (any, error) { return help, nil },
		"DELETE": func(s *Sandbox, _ *fasthttp.RequestCtx) (any, error) { s.Reset(); return done, nil },
	},
	"/sandbox/stats": {
		"GET": func(s *Sandbox, _ *fasthttp.RequestCtx) (any, error) { return s.Stats(), nil },
	},
	"/sandbox/bots": {
		"GET": func(s *Sandbox, _ *fasthttp.RequestCtx) (any, error) {
			return map[string]any{"bots": s.Bots()}, nil
		},
		"POST": each(func(s *Sandbox, b Bot) (any, error) { return done, s.SetBot(b) }),
	},
	"/sandbox/people": {"GET": getPerson, "POST": each(setPeople)},
	"/sandbox/rates": {
		"GET": func(s *Sandbox, _ *fasthttp.RequestCtx) (any, error) { return ratesBodyOf(s.Rates()), nil },
		"PUT": putRates,
	},
	"/sandbox/faults": {
		"GET": func(s *Sandbox, _ *fasthttp.RequestCtx) (any, error) {
			return map[string]any{"faults": s.Faults()}, nil
		},
		"POST":   each(func(s *Sandbox, f Fault) (any, error) { return done, s.AddFault(f) }),
		"DELETE": func(s *Sandbox, _ *fasthttp.RequestCtx) (any, error) { s.ClearFaults(); return done, nil },
	},
	"/sandbox/updates":    {"POST": each(func(s *Sandbox, a Action) (any, error) { return s.Act(a) })},
	"/sandbox/callbacks":  {"GET": getCallback},
	"/sandbox/messages":   {"GET": getMessages},
	"/sandbox/recipients": {"GET": getRecipients},
	"/sandbox/files":      {"GET": getFiles},
}

var done = map[string]bool{"ok": true}

func writeJSON(ctx *fasthttp.RequestCtx, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = fasthttp.StatusInternalServerError, []byte(`{"error":"the answer cannot be rendered"}`)
	}
	ctx.Response.SetStatusCode(status)
	ctx.Response.Header.SetContentType("application/json")
	ctx.Response.SetBody(append(body, '\n'))
}

// each makes a call that takes one object, or an array of them carried out in order. An array answers {"results":
// […]}; it stops at the first error, and the elements before it stay carried out.
func each[T any](run func(*Sandbox, T) (any, error)) controlCall {
	return func(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error) {
		body := bytes.TrimSpace(ctx.Request.Body())
		if len(body) == 0 || body[0] != '[' {
			one, err := strictly[T](body)
			if err != nil {
				return nil, err
			}
			return run(s, one)
		}
		list, err := strictly[[]T](body)
		if err != nil {
			return nil, err
		}
		results := make([]any, 0, len(list))
		for i, one := range list {
			result, err := run(s, one)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i, err)
			}
			results = append(results, result)
		}
		return map[string]any{"results": results}, nil
	}
}

// strictly reads one JSON value and refuses unknown members and anything after it.
func strictly[T any](body []byte) (v T, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		return v, fmt.Errorf("the body is not what this call takes: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return v, errors.New("the body goes on after its end")
	}
	return v, nil
}

// number reads a whole number from the query.
func number(ctx *fasthttp.RequestCtx, name string, fallback int64) (int64, error) {
	text := ctx.QueryArgs().Peek(name)
	if text == nil {
		return fallback, nil
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is not a whole number", name)
	}
	return n, nil
}

// numbers reads several; fallback is for all of them.
func numbers(ctx *fasthttp.RequestCtx, fallback int64, names ...string) ([]int64, error) {
	list := make([]int64, len(names))
	for i, name := range names {
		n, err := number(ctx, name, fallback)
		if err != nil {
			return nil, err
		}
		list[i] = n
	}
	return list, nil
}

func limit(ctx *fasthttp.RequestCtx) (int, error) {
	n, err := number(ctx, "limit", listed)
	if err == nil && (n < 1 || n > maxListed) {
		err = fmt.Errorf("limit is not between 1 and %d", maxListed)
	}
	return int(n), err
}

func getMessages(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error) {
	if s.options.Keep != KeepMessages {
		return nil, errors.New("this sandbox keeps no messages")
	}
	n, err := numbers(ctx, 0, "bot", "chat", "after")
	if err != nil {
		return nil, err
	}
	most, err := limit(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]any{"messages": s.Messages(n[0], n[1], n[2], most)}, nil
}

func getRecipients(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error) {
	if s.options.Keep == KeepTotals {
		return nil, errors.New("this sandbox keeps totals only")
	}
	n, err := numbers(ctx, 0, "bot", "chat", "atLeast")
	if err != nil {
		return nil, err
	}
	most, err := limit(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]any{"recipients": s.Recipients(n[0], n[1], int(n[2]), most)}, nil
}

func getFiles(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error) {
	id, err := number(ctx, "bot", 0)
	if err != nil {
		return nil, err
	}
	return map[string]any{"files": s.Files(id)}, nil
}

func getPerson(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error) {
	n, err := numbers(ctx, 0, "bot", "chat")
	if err != nil {
		return nil, err
	}
	if n[0] <= 0 || n[1] == 0 {
		return nil, errors.New("bot and chat are needed")
	}
	return s.Person(n[0], n[1]), nil
}

func getCallback(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error) {
	id, err := number(ctx, "bot", 0)
	if err != nil {
		return nil, err
	}
	a, found := s.CallbackAnswer(id, string(ctx.QueryArgs().Peek("query")))
	if !found {
		return nil, errors.New("no such query")
	}
	return a, nil
}

// peopleBody puts chats into a condition: those listed, and Count of them from First on.
type peopleBody struct {
	Condition

	Bot   int64   `json:"bot"`
	Chats []int64 `json:"chats"`
	First int64   `json:"first"`
	Count int64   `json:"count"`
}

// maxPeople is how many consecutive chats one call can register.
const maxPeople = 10_000_000

func setPeople(s *Sandbox, p peopleBody) (any, error) {
	if p.Bot <= 0 {
		return nil, errors.New("bot is needed")
	}
	if p.Count < 0 || p.Count > maxPeople {
		return nil, fmt.Errorf("count is not between 0 and %d", maxPeople)
	}
	chats := p.Chats
	for i := range p.Count {
		chats = append(chats, p.First+i)
	}
	if len(chats) == 0 {
		return nil, errors.New("chats are needed: a list, or first and count")
	}
	return map[string]int{"chats": len(chats)}, s.SetPerson(p.Bot, p.Condition, chats...)
}

// ratesBody is Rates in the control API; absent values stay unchanged.
type ratesBody struct {
	RatePerSecond     *int   `json:"ratePerSecond,omitempty"`
	PaidRatePerSecond *int   `json:"paidRatePerSecond,omitempty"`
	ChatPerSecond     *int   `json:"chatPerSecond,omitempty"`
	ChatBurst         *int   `json:"chatBurst,omitempty"`
	GroupPerMinute    *int   `json:"groupPerMinute,omitempty"`
	LatencyMs         *int64 `json:"latencyMs,omitempty"`
	JitterMs          *int64 `json:"jitterMs,omitempty"`
}

func ratesBodyOf(r Rates) ratesBody {
	latency, jitter := r.Latency.Milliseconds(), r.Jitter.Milliseconds()
	return ratesBody{
		&r.RatePerSecond, &r.PaidRatePerSecond, &r.ChatPerSecond, &r.ChatBurst, &r.GroupPerMinute, &latency, &jitter,
	}
}

func putRates(s *Sandbox, ctx *fasthttp.RequestCtx) (any, error) {
	body, err := strictly[ratesBody](ctx.Request.Body())
	if err != nil {
		return nil, err
	}
	r := s.Rates()
	for _, part := range []struct {
		from, to *int
	}{
		{body.RatePerSecond, &r.RatePerSecond}, {body.PaidRatePerSecond, &r.PaidRatePerSecond},
		{body.ChatPerSecond, &r.ChatPerSecond}, {body.ChatBurst, &r.ChatBurst}, {body.GroupPerMinute, &r.GroupPerMinute},
	} {
		if part.from != nil {
			*part.to = *part.from
		}
	}
	for _, part := range []struct {
		from *int64
		to   *time.Duration
	}{{body.LatencyMs, &r.Latency}, {body.JitterMs, &r.Jitter}} {
		if part.from == nil {
			continue
		}
		if *part.from < 0 {
			return nil, errors.New("a delay cannot be negative")
		}
		*part.to = time.Duration(*part.from) * time.Millisecond
	}
	s.SetRates(r)
	return ratesBodyOf(s.Rates()), nil
}
