package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/blob"
	"bellman/internal/fault"
	"bellman/internal/media"
)

// each runs test on every kind of place.
func each(t *testing.T, test func(t *testing.T, b media.Blobs)) {
	t.Helper()
	t.Run("disk", func(t *testing.T) {
		t.Parallel()
		b, err := blob.Open(t.Context(), filepath.Join(t.TempDir(), "new", "media"))
		require.NoError(t, err)
		test(t, b)
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		in := &bucket{}
		b, err := blob.Open(t.Context(), in.address(serve(t, in)))
		require.NoError(t, err)
		test(t, b)
	})
}

func put(t *testing.T, b media.Blobs, content []byte) (key string) {
	t.Helper()
	key = uuid.NewString()
	require.NoError(t, b.Put(t.Context(), key, int64(len(content)), bytes.NewReader(content)))
	return key
}

func keys(t *testing.T, b media.Blobs, before time.Time) []string {
	t.Helper()
	all := []string{}
	require.NoError(t, b.Walk(t.Context(), before, func(key string) error { all = append(all, key); return nil }))
	slices.Sort(all)
	return all
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b media.Blobs) {
		contents := map[string][]byte{}
		for _, content := range [][]byte{[]byte("one"), bytes.Repeat([]byte("many "), 1<<20), {0}, []byte("four"), []byte("five")} {
			contents[put(t, b, content)] = content
		}
		for key, content := range contents {
			r, err := b.Open(t.Context(), key)
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, got))
			// From the middle, as a browser asks for a film.
			at, err := r.Seek(int64(len(content)/2), io.SeekStart)
			require.NoError(t, err)
			got, err = io.ReadAll(r)
			require.NoError(t, errors.Join(err, r.Close()))
			require.True(t, bytes.Equal(content[at:], got))
		}
		later := time.Now().Add(time.Hour)
		require.Equal(t, slices.Sorted(maps.Keys(contents)), keys(t, b, later))
		require.Empty(t, keys(t, b, time.Now().Add(-time.Hour)), "all are younger")

		stop := errors.New("stop")
		require.ErrorIs(t, b.Walk(t.Context(), later, func(string) error { return stop }), stop)
		require.NoError(t, b.Walk(t.Context(), later, func(key string) error { return b.Delete(t.Context(), key) }))
		require.Empty(t, keys(t, b, later))
		for key := range contents {
			_, err := b.Open(t.Context(), key)
			require.ErrorContains(t, err, "missing")
			require.NoError(t, b.Delete(t.Context(), key), "what is gone is gone")
		}
	})
}

func TestBlobsTakeNoOtherKeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b media.Blobs) {
		for _, key := range []string{"", "abc", "../../etc/passwd", "a/bcdef", "..", "abcd\x00", "abcd.part", strings.Repeat("x", 65)} {
			_, err := b.Open(t.Context(), key)
			require.ErrorContains(t, err, "is no key", key)
			require.ErrorContains(t, b.Put(t.Context(), key, 1, strings.NewReader("x")), "is no key", key)
			require.ErrorContains(t, b.Delete(t.Context(), key), "is no key", key)
		}
	})
}

func TestBlobsAreWholeOrNotThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b media.Blobs) {
		key := uuid.NewString()
		require.Error(t, b.Put(t.Context(), key, 100, strings.NewReader("too short")))
		_, err := b.Open(t.Context(), key)
		require.ErrorContains(t, err, "missing")
		require.Empty(t, keys(t, b, time.Now().Add(time.Hour)))
	})
}

func TestDisk(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "media")
	b, err := blob.Open(t.Context(), dir)
	require.NoError(t, err)
	const key = "0198c1b0-3c55-7d9e-8f4e-0e6f6e1a2b3c"
	require.NoError(t, b.Put(t.Context(), key, 1, strings.NewReader("x")))
	for name, mode := range map[string]fs.FileMode{".": 0o700, "3c": 0o700, "3c/2b": 0o700, "3c/2b/" + key: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), name)
	}

	// A kill during a write leaves a part, which is found by its key.
	const killed = "killed-0000"
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "00", "00"), 0o700))
	part := filepath.Join(dir, "00", "00", killed+".part")
	require.NoError(t, os.WriteFile(part, []byte("ha"), 0o600))
	for _, foreign := range []string{"notes.txt", "3c/README", "3c/2b/other-key"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, foreign), nil, 0o600))
	}
	require.Equal(t, []string{key, killed}, keys(t, b, time.Now().Add(time.Hour)), "what is not ours is passed over")
	_, err = b.Open(t.Context(), killed)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, b.Delete(t.Context(), killed))
	require.NoFileExists(t, part)

	// A link that leads out of the directory is not followed.
	outside := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "00", "00", "linked-0000")))
	_, err = b.Open(t.Context(), "linked-0000")
	require.Error(t, err)

	_, err = blob.Open(t.Context(), "")
	require.ErrorContains(t, err, "name a directory")
	_, err = blob.Open(t.Context(), outside)
	require.ErrorContains(t, err, "directory for files")
}

func TestS3KeepsToItsPrefix(t *testing.T) {
	t.Parallel()
	in := &bucket{}
	server := serve(t, in)
	b, err := blob.Open(t.Context(), in.address(server))
	require.NoError(t, err)
	key := put(t, b, []byte("x"))
	require.Contains(t, in.objects, "some/prefix/"+key)
	in.objects["some/prefix/deeper/"+key] = object{written: time.Now()}
	in.objects["other-key"] = object{written: time.Now()}
	in.objects["some/prefix/a file of others"] = object{written: time.Now()}
	require.Equal(t, []string{key}, keys(t, b, time.Now().Add(time.Hour)))

	bare, err := blob.Open(t.Context(), strings.Replace(in.address(server), "/some/prefix/", "", 1))
	require.NoError(t, err)
	require.Equal(t, []string{"other-key"}, keys(t, bare, time.Now().Add(time.Hour)))
}

func TestS3Failures(t *testing.T) {
	t.Parallel()
	in := &bucket{}
	b, err := blob.Open(t.Context(), in.address(serve(t, in)))
	require.NoError(t, err)
	key := put(t, b, []byte("x"))
	refuse := func(f func(*http.Request) int) {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.refuse, in.asked = f, nil
	}
	all := func() map[string]error {
		_, open := b.Open(t.Context(), key)
		return map[string]error{
			"open":   open,
			"put":    b.Put(t.Context(), uuid.NewString(), 1, strings.NewReader("x")),
			"delete": b.Delete(t.Context(), key),
			"walk":   b.Walk(t.Context(), time.Now(), func(string) error { return nil }),
		}
	}

	refuse(func(*http.Request) int { return http.StatusForbidden })
	for what, err := range all() {
		require.Error(t, err, what)
		require.Equal(t, fault.Internal, fault.KindOf(err), "%s: whoever calls can do nothing about it", what)
		require.NotContains(t, err.Error(), in.secret)
	}
	refuse(func(*http.Request) int { return http.StatusNotImplemented })
	for what, err := range all() {
		require.True(t, fault.Is(err, "media_unavailable"), "%s: %v", what, err)
	}

	// A request that met a passing failure is retried, with the whole body.
	times := 0
	refuse(func(r *http.Request) int {
		if r.Method == http.MethodPut {
			if times++; times < 2 {
				return http.StatusServiceUnavailable
			}
		}
		return 0
	})
	again := put(t, b, []byte("whole"))
	require.Equal(t, 2, times)
	require.Equal(t, "whole", string(in.objects["some/prefix/"+again].content))

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err = b.Put(gone, uuid.NewString(), 1, strings.NewReader("x"))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, fault.Internal, fault.KindOf(err))
}

func TestS3Address(t *testing.T) {
	t.Parallel()
	in := &bucket{}
	server := serve(t, in)
	host := server.Listener.Addr().String()
	for name, tt := range map[string]struct{ address, says string }{
		"no host":           {"s3:///media", "write the place for files as s3://"},
		"no bucket":         {"s3://a:topsecret@" + host, "write the place for files as s3://"},
		"secret not quoted": {"s3://a:topsecret%zz@" + host + "/media", "write the place for files as s3://"},
		"no secret":         {"s3://a@" + host + "/media", "write the place for files as s3://"},
		"fragment":          {"s3://a:topsecret@" + host + "/media#x", "write the place for files as s3://"},
		"bad query":         {"s3://a:topsecret@" + host + "/media?%zz", "write the place for files as s3://"},
		"unknown parameter": {"s3://a:topsecret@" + host + "/media?regoin=x", `has the parameter "regoin"`},
		"tls":               {"s3://a:topsecret@" + host + "/media?tls=maybe", "on or off"},
		"bad bucket":        {"s3://a:topsecret@" + host + "/x?region=r&tls=off", "look at the bucket x"},
		"other bucket":      {strings.Replace(in.address(server), "/media/", "/others/", 1), "there is no bucket others"},
		"other secret":      {"s3://AKIATEST:topsecret@" + host + "/media?region=eu-central-1&tls=off", "look at the bucket media"},
		"other region":      {strings.Replace(in.address(server), "eu-central-1", "us-east-1", 1), "look at the bucket media"},
	} {
		_, err := blob.Open(t.Context(), tt.address)
		require.ErrorContains(t, err, tt.says, name)
		require.NotContains(t, fmt.Sprintf("%+v", err), "topsecret", name)
		require.NotContains(t, err.Error(), in.secret, name)
	}
}

func TestS3KeysFromTheEnvironment(t *testing.T) {
	in := &bucket{}
	server := serve(t, in)
	_, at, _ := strings.Cut(in.address(server), "@")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", in.secret)
	_, err := blob.Open(t.Context(), "s3://"+at)
	require.ErrorContains(t, err, "AWS_ACCESS_KEY_ID")
	t.Setenv("AWS_ACCESS_KEY_ID", in.access)
	b, err := blob.Open(t.Context(), "s3://"+at)
	require.NoError(t, err)
	put(t, b, []byte("x"))
}
