package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"bellman/internal/outcome"
	"bellman/test/harness"
)

// mood is how likely the receiver of a webhook misbehaves, drawn anew for each array.
type mood struct {
	seed uint64
	// refuses is how likely it answers 500 and takes nothing, breaks how likely it takes the array and breaks the
	// connection, dawdles how likely it lets its answer wait, for as long as dawdle.
	refuses, breaks, dawdles float64
	dawdle                   time.Duration
}

// fate is what became of an array.
type fate string

const (
	taken   fate = "taken"   // and answered 200
	refused fate = "refused" // answered 500
	broken  fate = "broken"  // taken, but never answered
)

// post is an array as it came.
type post struct {
	fate       fate
	activities []activity
}

// activity is one object of an array.
type activity struct {
	ID        int64            `json:"sequence"`
	Status    outcome.Activity `json:"activityStatus"`
	Delivery  string           `json:"iid"`
	Campaign  int64            `json:"messageInstanceId"`
	Broadcast int64            `json:"broadcastId"`
	Data      struct {
		AppUUID           string
		Token             string
		TelegramMessageID int64
		Reason            outcome.Reason
	} `json:"statusData"`

	// text is the object as it came.
	text string
}

// receiver is the owner's system that the webhook posts to.
type receiver struct {
	server  http.Server
	address string
	served  sync.WaitGroup

	mu     sync.Mutex
	mood   mood
	random *rand.Rand
	posts  []post
	// wrong are posts that are none.
	wrong []string
}

// openReceiver listens on a free port.
func openReceiver(m mood) (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{address: listener.Addr().String(), mood: m, random: rand.New(rand.NewPCG(m.seed, 0))}
	r.server.Handler = http.HandlerFunc(r.receive)
	r.served.Go(func() { _ = r.server.Serve(listener) }) // which ends with close
	return r, nil
}

func (r *receiver) close() error {
	err := r.server.Close()
	r.served.Wait()
	return err
}

// receive answers a GET, with which the address is tried, and takes arrays.
func (r *receiver) receive(w http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodGet {
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // it was cut off on its way: nobody can tell what it was
	}
	fate, hold := r.take(body)
	_ = wait(request.Context(), hold) // a caller who has left needs no answer
	switch fate {
	case refused:
		w.WriteHeader(http.StatusInternalServerError)
	case broken:
		panic(http.ErrAbortHandler)
	}
}

// take notes an array, and draws what becomes of it.
func (r *receiver) take(body []byte) (f fate, hold time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f = taken
	switch at := r.random.Float64(); {
	case at < r.mood.refuses:
		f = refused
	case at < r.mood.refuses+r.mood.breaks:
		f = broken
	}
	if r.random.Float64() < r.mood.dawdles {
		hold = r.mood.dawdle
	}
	activities, err := readArray(body)
	if err != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("the webhook posted what is no array of activities: %v: %s", err, body))
	}
	r.posts = append(r.posts, post{f, activities})
	return f, hold
}

func readArray(body []byte) (all []activity, err error) {
	var objects []json.RawMessage
	if err := json.Unmarshal(body, &objects); err != nil {
		return nil, err
	}
	for _, object := range objects {
		a := activity{text: string(object)}
		if err := json.Unmarshal(object, &a); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// calm has the receiver take whatever comes from now on.
func (r *receiver) calm() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = mood{}
}

// received returns the arrays that came, in their order, and sentences about what was none.
func (r *receiver) received() (posts []post, wrong []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.posts, r.wrong
}

// prepareWebhook has every status posted to the receiver.
func (j *injury) prepareWebhook(ctx context.Context, client harness.Client, password string) error {
	var made struct{ ID int64 }
	err := client.Call(ctx, http.MethodPost, "/manage/v1/webhooks", map[string]any{
		"name": "chaos", "url": "http://" + j.receiver.address + "/activities", "login": "bellman", "password": password,
	}, &made)
	j.webhook = fmt.Sprintf("/manage/v1/webhooks/%d", made.ID)
	return err
}

// nudgeEvery is how often somebody asks for a retry: by itself one comes after a minute.
const nudgeEvery = time.Second

// nudge has the webhook tried again every now and then, until the context ends.
func (j *injury) nudge(ctx context.Context) {
	for wait(ctx, nudgeEvery) == nil {
		// That no server answers until the context ends is no fault.
		_ = j.ask(ctx, func(ctx context.Context, client harness.Client) error {
			return client.Call(ctx, http.MethodPost, j.webhook+"/probe", nil, nil)
		})
	}
}

// lookAtWebhook tells whether nothing waits to be posted.
func (j *injury) lookAtWebhook(ctx context.Context) (good bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var told struct{ Waiting int }
	err = j.ask(ctx, func(ctx context.Context, client harness.Client) error {
		return client.Call(ctx, http.MethodGet, j.webhook, nil, &told)
	})
	return told.Waiting == 0, err
}
