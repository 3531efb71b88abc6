// Package screens serves the web UI: its page at the address of each screen, and the files
// that the page loads.
package screens

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Paths are where screens begin: each has its page, and so has all that is below it. The
// page finds what to show by the address.
var Paths = []string{"/campaigns", "/messages", "/contacts", "/audiences", "/bots", "/settings", "/welcome"}

// nonce stands in the page where that of an answer goes.
const nonce = "NONCE-OF-THIS-ANSWER"

// errNoNonce is returned of a page whose styles no browser would apply.
var errNoNonce = errors.New("screens: the page has no place for a nonce")

// Add adds the UI to the routes. The files have index.html and assets/, whose files have
// names that change with their content.
func Add(mux *http.ServeMux, files fs.FS) error {
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return fmt.Errorf("screens: %w", err)
	}
	if !bytes.Contains(page, []byte(nonce)) {
		return errNoNonce
	}
	shell := shellHandler(string(page))
	mux.Handle("GET /{$}", shell)
	for _, p := range Paths {
		mux.Handle("GET "+p, shell)
		mux.Handle("GET "+p+"/", shell)
	}
	return fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "index.html" || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		kind, ok := contentTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("screens: %s is of no known type", name)
		}
		mux.Handle("GET /"+name, newAsset(files, name, kind))
		return nil
	})
}

// shellHandler serves the page with a nonce of its own for each answer: the library of
// components writes style elements, which apply by it alone.
func shellHandler(page string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		once := rand.Text()
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", policy(once))
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		// A client that has left needs no answer.
		_, _ = w.Write([]byte(strings.ReplaceAll(page, nonce, once)))
	})
}

// policy lets the page load what is beside it and call this server. Files that people
// choose are shown from memory (blob:) before they are uploaded. style-src-attr is for
// the positions that components compute.
func policy(once string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + once + "'; style-src-attr 'unsafe-inline'; " +
		"connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; worker-src 'self'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

// asset is a file under a name that changes with its content. Its text is in memory from
// when it is first asked for: most installations never show all screens, and the packed one
// is what browsers take.
type asset struct {
	contentType   string
	whole, packed func() []byte
}

func newAsset(files fs.FS, name, contentType string) *asset {
	read := func() []byte {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err) // a file that is embedded can be read
		}
		return text
	}
	return &asset{contentType: contentType, whole: sync.OnceValue(read), packed: sync.OnceValue(func() []byte { return pack(read()) })}
}

// contentTypes are those of all that is built, by the end of its name: the tables of systems
// differ, and some lack those of today.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// pack returns the file as gzip has it; nil when that is hardly smaller.
func pack(whole []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level exists
	}
	// A buffer takes everything.
	_, _ = w.Write(whole)
	_ = w.Close()
	if out.Len() > len(whole)*9/10 {
		return nil
	}
	return out.Bytes()
}

// ServeHTTP implements [http.Handler].
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.contentType)
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if packed := a.packed(); packed != nil {
			header.Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed) // a client that has left needs no answer
			return
		}
	}
	_, _ = w.Write(a.whole())
}
