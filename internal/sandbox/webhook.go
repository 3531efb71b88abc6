package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Limits of webhooks.
const (
	maxSecret           = 256
	maxConnections      = 100
	standardConnections = 40
	maxHookRetryAfter   = time.Hour
	longestBackoff      = 60 // times the first one
)

// webhook is the address to which a bot's updates are posted, one at a time and in order.
type webhook struct {
	url         string
	secret      string
	connections int64
	cancel      context.CancelFunc
	failedAt    int64  // Unix seconds; 0: never
	failure     string // what went wrong then
}

func (c *call) setWebhook() error {
	address := string(c.params.get("url"))
	if address == "" {
		return c.deleteWebhook()
	}
	if err := checkWebhook(address, c.sandbox.options.Local); err != nil {
		return err
	}
	secret := c.params.get("secret_token")
	if err := checkSecret(secret); err != nil {
		return err
	}
	hook := &webhook{url: address, secret: string(secret), connections: standardConnections}
	if n := c.params.integer("max_connections", 0); n > 0 {
		hook.connections = min(n, maxConnections)
	}
	u := &c.bot.updates
	now := c.sandbox.options.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if c.sandbox.rates.Load().RatePerSecond > 0 && now.Sub(u.setAt) < time.Second && now.Sub(u.setAt) >= 0 {
		return tooManyRequests(1)
	}
	u.setAt = now
	if err := u.allow(c.params.get("allowed_updates")); err != nil {
		return err
	}
	if c.params.flag("drop_pending_updates") {
		u.queue = nil
	}
	u.end(conflict("terminated by setWebhook request"))
	description := "Webhook was set"
	if old := u.webhook; old != nil {
		if old.url == hook.url && old.secret == hook.secret && old.connections == hook.connections {
			description = "Webhook is already set"
		}
		old.cancel()
	}
	u.webhook = hook
	c.sandbox.startPushing(u, hook)
	c.out = append(c.out, `true,"description":"`+description+`"`...)
	return nil
}

func checkWebhook(address string, local bool) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("bad webhook: invalid webhook URL specified")
	}
	if local {
		return nil
	}
	if u.Scheme != "https" {
		return errors.New("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()) {
		return errors.New("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	return nil
}

func checkSecret(secret []byte) error {
	if len(secret) > maxSecret {
		return errors.New("secret token is too long")
	}
	for _, c := range secret {
		if !isAlnum(c) && c != '_' && c != '-' {
			return errors.New("secret token contains unallowed characters")
		}
	}
	return nil
}

func (c *call) deleteWebhook() error {
	u := &c.bot.updates
	u.mu.Lock()
	defer u.mu.Unlock()
	if c.params.flag("drop_pending_updates") {
		u.queue = nil
	}
	description := "Webhook is already deleted"
	if u.webhook != nil {
		u.webhook.cancel()
		u.webhook = nil
		description = "Webhook was deleted"
	}
	c.out = append(c.out, `true,"description":"`+description+`"`...)
	return nil
}

func (c *call) getWebhookInfo() error {
	u := &c.bot.updates
	u.mu.Lock()
	defer u.mu.Unlock()
	hook := u.webhook
	if hook == nil {
		hook = &webhook{}
	}
	c.out = append(c.out, `{"url":`...)
	c.out = appendString(c.out, hook.url)
	c.out = append(c.out, `,"has_custom_certificate":false,"pending_update_count":`...)
	c.out = strconv.AppendInt(c.out, int64(len(u.queue)), 10)
	if hook.connections > 0 {
		c.out = append(c.out, `,"max_connections":`...)
		c.out = strconv.AppendInt(c.out, hook.connections, 10)
	}
	if hook.failedAt != 0 {
		c.out = append(c.out, `,"last_error_date":`...)
		c.out = strconv.AppendInt(c.out, hook.failedAt, 10)
		c.out = append(c.out, `,"last_error_message":`...)
		c.out = appendString(c.out, hook.failure)
	}
	if len(u.allowed) > 0 {
		c.out = append(c.out, `,"allowed_updates":[`...)
		for i, name := range u.allowed {
			if i > 0 {
				c.out = append(c.out, ',')
			}
			c.out = appendString(c.out, name)
		}
		c.out = append(c.out, ']')
	}
	c.out = append(c.out, '}')
	return nil
}

// startPushing posts the updates of a queue to a webhook until it is replaced, deleted or the sandbox closes. The
// queue is locked.
func (s *Sandbox) startPushing(u *updates, hook *webhook) {
	ctx, cancel := context.WithCancel(context.Background())
	hook.cancel = cancel
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		cancel()
		return
	}
	s.pushing.Go(func() { s.push(ctx, u, hook) })
}

func (u *updates) stopPushing() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.webhook != nil {
		u.webhook.cancel()
	}
}

// push is the loop of a webhook: the first update is posted until it is accepted, then the next.
func (s *Sandbox) push(ctx context.Context, u *updates, hook *webhook) {
	backoff := s.options.WebhookBackoff
	for ctx.Err() == nil {
		u.mu.Lock()
		news := u.news
		var body []byte
		var id int64
		if len(u.queue) > 0 {
			id = u.queue[0].id
			body = u.queue[0].append(nil)
		}
		u.mu.Unlock()
		wait := time.Duration(0)
		if body != nil {
			var err error
			if wait, err = s.post(ctx, hook, body); err == nil {
				u.pushed(hook, id)
				backoff = s.options.WebhookBackoff
				continue
			}
			u.failed(hook, s.options.Now(), err)
			if wait == 0 {
				wait, backoff = backoff, min(2*backoff, longestBackoff*s.options.WebhookBackoff)
			}
			news = nil // a new update does not shorten the wait
		}
		pause(ctx, news, wait)
	}
}

// pause waits for new updates, or for the end of a wait if there is one.
func pause(ctx context.Context, news <-chan struct{}, wait time.Duration) {
	var over <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
	case <-news:
	case <-over:
	}
}

// post makes one webhook call. Any answer but a 2xx is an error; retryAfter is the wait that the other side asked
// for.
func (s *Sandbox) post(ctx context.Context, hook *webhook, body []byte) (retryAfter time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if hook.secret != "" {
		request.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.secret)
	}
	response, err := s.options.WebhookClient.Do(request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return 0, err
	}
	if response.StatusCode/100 == 2 {
		return 0, nil
	}
	if n, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && n > 0 {
		retryAfter = min(time.Duration(n)*time.Second, maxHookRetryAfter)
	}
	return retryAfter, fmt.Errorf("Wrong response from the webhook: %s", response.Status)
}

// pushed removes an accepted update from the queue, unless the webhook has been replaced meanwhile.
func (u *updates) pushed(hook *webhook, id int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.webhook == hook && len(u.queue) > 0 && u.queue[0].id == id {
		u.queue = u.queue[1:]
	}
}

func (u *updates) failed(hook *webhook, at time.Time, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	hook.failedAt, hook.failure = at.Unix(), err.Error()
}
