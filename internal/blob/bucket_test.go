package blob_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// bucket is a strict stand-in for a bucket of S3: it refuses every request whose
// signature, by the rules of Signature Version 4, is not right to the last chunk.
type bucket struct {
	access, secret, region, name string

	mu      sync.Mutex
	objects map[string]object
	// refuse answers requests in the bucket's place while it returns a status.
	refuse func(r *http.Request) int
	asked  []string
}

type object struct {
	content []byte
	written time.Time
}

// serve serves the bucket until the test ends.
func serve(t *testing.T, b *bucket) *httptest.Server {
	t.Helper()
	b.access, b.secret, b.region, b.name = "AKIATEST", "se/cret+key", "eu-central-1", "media"
	b.objects = map[string]object{}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return server
}

// address returns the address of the bucket, with a prefix.
func (b *bucket) address(server *httptest.Server) string {
	return fmt.Sprintf("s3://%s:%s@%s/%s/some/prefix/?region=%s&tls=off",
		b.access, url.QueryEscape(b.secret), server.Listener.Addr(), b.name, b.region)
}

// ServeHTTP implements [http.Handler].
func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r.Method+" "+r.URL.Path)
	if b.refuse != nil {
		if status := b.refuse(r); status != 0 {
			fail(w, status, "Refused")
			return
		}
	}
	body, err := b.verified(r)
	if err != nil {
		fail(w, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	held, there := b.objects[key]
	switch {
	case name != b.name:
		fail(w, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodHead:
	case key == "" && r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "2":
		b.list(w, r.URL.Query())
	case key != "" && r.Method == http.MethodPut:
		b.objects[key] = object{body, time.Now()}
		w.Header().Set("ETag", `"etag"`)
	case key != "" && r.Method == http.MethodDelete:
		delete(b.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case key != "" && !there:
		fail(w, http.StatusNotFound, "NoSuchKey")
	case key != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		w.Header().Set("ETag", `"etag"`)
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", held.written, bytes.NewReader(held.content))
	default:
		fail(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)
}

// pageSize is small, so that lists have several pages.
const pageSize = 2

func (b *bucket) list(w http.ResponseWriter, query url.Values) {
	type content struct {
		Key          string
		LastModified string
		Size         int
		ETag         string
	}
	var (
		keys   []string
		result = struct {
			XMLName               xml.Name `xml:"ListBucketResult"`
			Name, Prefix          string
			IsTruncated           bool
			NextContinuationToken string `xml:",omitempty"`
			Contents              []content
			CommonPrefixes        []struct{ Prefix string }
		}{Name: b.name, Prefix: query.Get("prefix")}
	)
	for key := range b.objects {
		rest, ours := strings.CutPrefix(key, query.Get("prefix"))
		if !ours || key <= query.Get("continuation-token") {
			continue
		}
		if dir, _, deeper := strings.Cut(rest, "/"); deeper && query.Get("delimiter") == "/" {
			result.CommonPrefixes = append(result.CommonPrefixes, struct{ Prefix string }{query.Get("prefix") + dir + "/"})
			continue
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if len(keys) > pageSize {
		keys, result.IsTruncated, result.NextContinuationToken = keys[:pageSize], true, keys[pageSize-1]
	}
	for _, key := range keys {
		o := b.objects[key]
		result.Contents = append(result.Contents, content{key, o.written.UTC().Format("2006-01-02T15:04:05.000Z"), len(o.content), `"etag"`})
	}
	w.Header().Set("Content-Type", "application/xml")
	if err := xml.NewEncoder(w).Encode(result); err != nil {
		panic(err)
	}
}

var errSignature = errors.New("the signature is wrong")

// verified returns the body of a request whose signature is right.
func (b *bucket) verified(r *http.Request) ([]byte, error) {
	fields := map[string]string{}
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	at := r.Header.Get("X-Amz-Date")
	sent, err := time.Parse("20060102T150405Z", at)
	if err != nil || scheme != "AWS4-HMAC-SHA256" || time.Since(sent).Abs() > 15*time.Minute {
		return nil, errSignature
	}
	scope := at[:8] + "/" + b.region + "/s3/aws4_request"
	if fields["Credential"] != b.access+"/"+scope {
		return nil, errSignature
	}
	payload := r.Header.Get("X-Amz-Content-Sha256")
	canonical := []string{r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")}
	names := strings.Split(fields["SignedHeaders"], ";")
	for _, needed := range []string{"host", "x-amz-content-sha256", "x-amz-date"} {
		if !slices.Contains(names, needed) {
			return nil, errSignature
		}
	}
	for _, name := range names {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		canonical = append(canonical, name+":"+strings.TrimSpace(value))
	}
	canonical = append(canonical, "", fields["SignedHeaders"], payload)
	signature := b.sign(at, "AWS4-HMAC-SHA256", at, scope, digest([]byte(strings.Join(canonical, "\n"))))
	if signature != fields["Signature"] {
		return nil, errSignature
	}
	if payload == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" {
		return b.chunks(r, at, scope, signature)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || digest(body) != payload {
		return nil, errSignature
	}
	return body, nil
}

// chunks reads a body in chunks, each signed together with the one before.
func (b *bucket) chunks(r *http.Request, at, scope, before string) (body []byte, err error) {
	in := bufio.NewReader(r.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		hexSize, signature, _ := strings.Cut(strings.TrimSuffix(line, "\r\n"), ";chunk-signature=")
		size, err := strconv.ParseInt(hexSize, 16, 32)
		if err != nil {
			return nil, err
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		chunk = chunk[:size]
		if signature != b.sign(at, "AWS4-HMAC-SHA256-PAYLOAD", at, scope, before, digest(nil), digest(chunk)) {
			return nil, errSignature
		}
		if size == 0 {
			if r.Header.Get("X-Amz-Decoded-Content-Length") != strconv.Itoa(len(body)) {
				return nil, errSignature
			}
			return body, nil
		}
		body, before = append(body, chunk...), signature
	}
}

func (b *bucket) sign(at string, lines ...string) string {
	key := []byte("AWS4" + b.secret)
	for _, part := range []string{at[:8], b.region, "s3", "aws4_request", strings.Join(lines, "\n")} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
