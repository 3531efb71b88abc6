package media

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"bellman/internal/fault"
	"bellman/internal/message"
)

func seen(t testing.TB, b []byte) format {
	t.Helper()
	f, err := look(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	return f
}

func TestLook(t *testing.T) {
	t.Parallel()
	photo := []message.Kind{message.Photo, message.Document}
	film := []message.Kind{message.Video, message.Animation, message.Document}
	sound := []message.Kind{message.Audio, message.Voice, message.Document}
	document := []message.Kind{message.Document}
	both := slices.Concat(trakOf("vide", 640, 360, false), trakOf("soun", 0, 0, false))
	for name, tt := range map[string]struct {
		bytes []byte
		want  format
		kinds []message.Kind
	}{
		"JPEG":              {jpegOf(30, 20), format{mime: typeJPEG, ext: ".jpg", width: 30, height: 20}, photo},
		"JPEG and more":     {append(jpegOf(30, 20), "trailer"...), format{mime: typeJPEG, ext: ".jpg", width: 30, height: 20}, photo},
		"JPEG with preview": {withPreview(jpegOf(30, 20), jpegOf(8, 8)), format{mime: typeJPEG, ext: ".jpg", width: 30, height: 20}, photo},
		"JPEG cut":          {cut(jpegOf(300, 200), 2), format{mime: typeJPEG, ext: ".jpg", width: 300, height: 200, flaw: flawEnd}, document},
		"JPEG cut, preview": {cut(withPreview(jpegOf(30, 20), jpegOf(8, 8)), 2),
			format{mime: typeJPEG, ext: ".jpg", width: 30, height: 20, flaw: flawEnd}, document},
		"JPEG head":          {jpegOf(300, 200)[:20], format{mime: typeJPEG, ext: ".jpg", flaw: flawHead}, document},
		"JPEG without scan":  {withoutScan(jpegOf(300, 200)), format{mime: typeJPEG, ext: ".jpg", flaw: flawHead}, document},
		"PNG":                {pngOf(30, 20), format{mime: typePNG, ext: ".png", width: 30, height: 20}, photo},
		"PNG cut":            {cut(pngOf(300, 200), 13), format{mime: typePNG, ext: ".png", width: 300, height: 200, flaw: flawEnd}, document},
		"PNG head":           {[]byte(pngMagic), format{mime: typePNG, ext: ".png", flaw: flawHead}, document},
		"PNG of 60000":       {hugePNG(60000, 60000), format{mime: typePNG, ext: ".png", width: 60000, height: 60000}, document},
		"PNG, thin":          {pngOf(2, 41), format{mime: typePNG, ext: ".png", width: 2, height: 41}, document},
		"PNG, just not thin": {pngOf(2, 40), format{mime: typePNG, ext: ".png", width: 2, height: 40}, photo},
		"PNG, largest":       {hugePNG(9000, 1000), format{mime: typePNG, ext: ".png", width: 9000, height: 1000}, photo},
		"PNG, too large":     {hugePNG(9000, 1001), format{mime: typePNG, ext: ".png", width: 9000, height: 1001}, document},
		"GIF": {gifOf(30, 20), format{mime: typeGIF, ext: ".gif", width: 30, height: 20},
			[]message.Kind{message.Animation, message.Document}},
		"WebP, lossy":    {webpOf(vp8(30, 20)), format{mime: typeWEBP, ext: ".webp", width: 30, height: 20}, photo},
		"WebP, lossless": {webpOf(vp8l(30, 20)), format{mime: typeWEBP, ext: ".webp", width: 30, height: 20}, photo},
		"WebP, extended": {webpOf(vp8x(0, 30, 20), riffChunk("ICCP", 1), vp8(30, 20)),
			format{mime: typeWEBP, ext: ".webp", width: 30, height: 20}, photo},
		"WebP, moving": {webpOf(vp8x(2, 30, 20), riffChunk("ANIM", 0, 0, 0, 0, 0, 0), riffChunk("ANMF", 1, 2)),
			format{mime: typeWEBP, ext: ".webp", width: 30, height: 20, animated: true}, document},
		"WebP, two sizes": {webpOf(vp8x(0, 30, 20), vp8(31, 20)),
			format{mime: typeWEBP, ext: ".webp", width: 30, height: 20, flaw: flawHead}, document},
		"WebP, empty":   {webpOf(), format{mime: typeWEBP, ext: ".webp", flaw: flawHead}, document},
		"WebP, cut":     {cut(webpOf(vp8(30, 20)), 1), format{mime: typeWEBP, ext: ".webp", flaw: flawEnd}, document},
		"SVG":           {[]byte(svg), format{mime: typeSVG, ext: ".svg"}, document},
		"SVG, bare":     {[]byte("\xef\xbb\xbf <svg/>"), format{mime: typeSVG, ext: ".svg"}, document},
		"HTML with SVG": {[]byte("<!doctype html><p><svg></svg>"), format{mime: typeAny}, document},
		"svgz":          {[]byte("<svgz>"), format{mime: typeAny}, document},
		"MP4": {mp4Of("isom", both),
			format{mime: typeMP4, ext: ".mp4", width: 640, height: 360, duration: 2500 * time.Millisecond}, film},
		"MP4, turned": {mp4Of("mp42", trakOf("vide", 640, 360, true)),
			format{mime: typeMP4, ext: ".mp4", width: 360, height: 640, duration: 2500 * time.Millisecond}, film},
		"MP4 cut": {cut(mp4Of("isom", both), 1), format{mime: typeAny}, document},
		"MP4, film missing": {slices.Concat(ftyp("isom"), boxOf("moov", mvhd(1, 1)), words(1000), []byte("mdat")),
			format{mime: typeAny}, document},
		"MP4, no track": {mp4Of("isom"), format{mime: typeAny}, document},
		"MP4, many tracks": {slices.Concat(ftyp("isom"), boxOf("moov", mvhd(1, 1), bytes.Repeat(boxOf("trak"), maxBoxes))),
			format{mime: typeAny}, document},
		"M4A": {mp4Of("M4A ", trakOf("soun", 0, 0, false)),
			format{mime: typeM4A, ext: ".m4a", duration: 2500 * time.Millisecond}, sound},
		"QuickTime": {mp4Of("qt  ", both),
			format{mime: "video/quicktime", ext: ".mov", width: 640, height: 360, duration: 2500 * time.Millisecond}, document},
		"HEIC": {slices.Concat(ftyp("heic"), boxOf("meta")), format{mime: "image/heic", ext: ".heic"}, document},
		"Opus": {opusOf(96000), format{mime: typeOpus, ext: ".ogg", duration: 2 * time.Second},
			[]message.Kind{message.Voice, message.Document}},
		"Vorbis":           {oggPage(2, 0, append([]byte("\x01vorbis"), make([]byte, 23)...)), format{mime: typeOgg, ext: ".ogg"}, document},
		"Ogg cut":          {opusOf(0)[:30], format{mime: "application/ogg", ext: ".ogx"}, document},
		"MP3":              {mp3Of(0), format{mime: typeMP3, ext: ".mp3"}, sound},
		"MP3 with a tag":   {mp3Of(1000), format{mime: typeMP3, ext: ".mp3"}, sound},
		"one frame's head": {[]byte{0xff, 0xfb, 0x90, 0}, format{mime: typeAny}, document},
		"a tag alone":      {[]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"), format{mime: typeAny}, document},
		"zip":              {[]byte(zipBomb), format{mime: "application/zip", ext: ".zip"}, document},
		"PDF":              {[]byte("%PDF-1.7"), format{mime: "application/pdf", ext: ".pdf"}, document},
		"BMP":              {bmpOf(30, 20), format{mime: typeAny}, document},
		"text":             {[]byte(longText), format{mime: typeAny}, document},
		"one byte":         {[]byte{0}, format{mime: typeAny}, document},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := seen(t, tt.bytes)
			require.Equal(t, tt.want, f)
			require.Equal(t, tt.kinds, f.kinds(int64(len(tt.bytes))))
		})
	}
}

func withoutScan(b []byte) []byte {
	before, _, _ := bytes.Cut(b, []byte{0xff, 0xda})
	return slices.Concat(before, []byte{0xff, 0xd9})
}

func cut(b []byte, n int) []byte { return b[:len(b)-n] }

// withPreview puts a picture into a segment of another one, as cameras do.
func withPreview(b, preview []byte) []byte {
	n := len(preview) + 2
	segment := append([]byte{0xff, 0xe1, byte(n >> 8), byte(n)}, preview...)
	return slices.Concat(b[:2], segment, b[2:])
}

// spec: tg-photo
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		format format
		as     message.Kind
		size   int64
		code   string
		words  string
	}{
		"photo":            {format{mime: typeJPEG, width: 1, height: 1}, message.Photo, MaxPhoto, "", ""},
		"large photo":      {format{mime: typeJPEG, width: 1, height: 1}, message.Photo, MaxPhoto + 1, "photo_too_large", "10 MB"},
		"wide photo":       {format{mime: typeJPEG, width: 60000, height: 60000}, message.Photo, 1, "photo_dimensions", "60000 by 60000"},
		"thin photo":       {format{mime: typeJPEG, width: 21, height: 1}, message.Photo, 1, "photo_dimensions", "20 times"},
		"broken photo":     {format{mime: typeJPEG, flaw: flawEnd}, message.Photo, 1, "photo_broken", "the photo is cut off"},
		"moving photo":     {format{mime: typeWEBP, width: 1, height: 1, animated: true}, message.Photo, 1, "photo_animated", "animation"},
		"SVG photo":        {format{mime: typeSVG}, message.Photo, 1, "svg_not_photo", "PNG"},
		"GIF photo":        {format{mime: typeGIF}, message.Photo, 1, "media_kind_mismatch", "but as animation, document"},
		"zip photo":        {format{mime: "application/zip"}, message.Photo, 1, "media_kind_mismatch", "application/zip"},
		"film as voice":    {format{mime: typeMP4}, message.Voice, 1, "media_kind_mismatch", "but as video, animation, document"},
		"unknown kind":     {format{mime: typeMP4}, "hologram", 1, "media_kind_mismatch", "hologram"},
		"anything at all":  {format{mime: typeAny}, message.Document, MaxSize, "", ""},
		"large for a film": {format{mime: typeMP4}, message.Video, MaxSize, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.format.check(tt.as, tt.size)
			if tt.code == "" {
				require.NoError(t, err)
				return
			}
			require.True(t, fault.Is(err, tt.code), err)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			require.ErrorContains(t, err, tt.words)
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, "file", f.Field)
		})
	}
}

// TestLookAgrees compares with a decoder written by others.
func TestLookAgrees(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{webpOf(vp8(30, 20)), webpOf(vp8l(16384, 1)), webpOf(vp8x(0, 30, 20), vp8(30, 20))} {
		config, err := webp.DecodeConfig(bytes.NewReader(b))
		require.NoError(t, err)
		f := seen(t, b)
		require.Equal(t, [2]int{config.Width, config.Height}, [2]int{f.width, f.height})
	}
}

// broken is a disk that fails after the first bytes.
type broken struct{ *bytes.Reader }

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > 300 {
		return 0, errDisk
	}
	return b.Reader.ReadAt(p, off)
}

var errDisk = errors.New("input/output error")

func TestLookTellsABadDiskFromABadFile(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{jpegOf(99, 99), pngOf(99, 99), opusOf(960), mp4Of("isom", trakOf("vide", 1, 1, false))} {
		_, err := look(broken{bytes.NewReader(b)}, int64(len(b)))
		require.ErrorIs(t, err, errDisk)
	}
}

// FuzzLook: any bytes have some format, whose values are possible.
func FuzzLook(f *testing.F) {
	for _, b := range [][]byte{
		jpegOf(9, 9), cut(jpegOf(9, 9), 2), pngOf(9, 9), gifOf(9, 9), webpOf(vp8(9, 9)), webpOf(vp8x(2, 9, 9), vp8l(9, 9)),
		mp4Of("isom", trakOf("vide", 9, 9, true), trakOf("soun", 0, 0, false)), opusOf(960), mp3Of(9), []byte(svg), []byte(zipBomb),
		slices.Concat(ftyp("isom"), words(1), []byte("moov"), words(0, 16)),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		seen := seen(t, b)
		require.NotEmpty(t, seen.mime)
		require.GreaterOrEqual(t, seen.width, 0)
		require.GreaterOrEqual(t, seen.height, 0)
		require.GreaterOrEqual(t, seen.duration, time.Duration(0))
		require.Less(t, seen.duration, longest)
		kinds := seen.kinds(int64(len(b)))
		require.Equal(t, message.Document, kinds[len(kinds)-1])
		if kinds[0] == message.Photo {
			require.Positive(t, seen.width*seen.height)
		}
	})
}

// FuzzBoxes feeds the readers of films and sounds with files that begin well.
func FuzzBoxes(f *testing.F) {
	f.Add(true, boxOf("moov", mvhd(1, 1), trakOf("vide", 9, 9, false)))
	f.Add(true, boxOf("mdat", []byte("x")))
	f.Add(false, opusOf(960)[27:])
	f.Fuzz(func(t *testing.T, film bool, b []byte) {
		head := []byte("OggS\x00\x02")
		if film {
			head = ftyp("isom")
		}
		seen := seen(t, slices.Concat(head, b))
		require.Less(t, seen.duration, longest)
		require.GreaterOrEqual(t, seen.duration, time.Duration(0))
	})
}

func FuzzName(f *testing.F) {
	for _, name := range []string{"a.jpg", "../../etc/passwd", `C:\x\y.png`, "a\x00b.png", "\u202egpj.exe", "...", "", "/", "\xff", longText} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean := cleanName(name, ".png")
		require.NotEmpty(t, clean)
		require.LessOrEqual(t, len([]rune(clean)), MaxName)
		require.Equal(t, clean, filepath.Base(clean))
		require.NotContains(t, clean, `\`)
		require.NotContains(t, []string{".", ".."}, clean)
		require.Equal(t, clean, cleanName(clean, ".png"), "what is clean stays as it is")
	})
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"spring.jpg":                         "spring.jpg",
		" весна 😀.jpg ":                      "весна 😀.jpg",
		"../../etc/passwd":                   "passwd",
		`C:\Users\olena\cat.png`:             "cat.png",
		"a\x00b\r\nc.png":                    "abc.png",
		"photo\u202egpj.exe":                 "photogpj.exe",
		"..":                                 "file.bin",
		"":                                   "file.bin",
		"folder/":                            "file.bin",
		"\xff\xfe":                           "file.bin",
		"name. ":                             "name",
		strings.Repeat("є", 300) + ".tar.gz": strings.Repeat("є", MaxName-3) + ".gz",
		strings.Repeat("є", 300) + "." + longText: strings.Repeat("є", MaxName),
		longText: strings.TrimSpace(longText[:MaxName]),
	} {
		require.Equal(t, want, cleanName(name, ".bin"), "%q", name)
	}
}

func TestReceiveLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := receive(dir, io.LimitReader(zeros{}, 100))
	require.NoError(t, err)
	require.EqualValues(t, 100, d.size)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "a kill would leave it behind")
	require.NoError(t, d.file.Close())
	_, err = receive(dir, io.LimitReader(zeros{}, MaxSize+1))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = receive(dir, io.LimitReader(zeros{}, 0))
	require.True(t, fault.Is(err, "file_empty"), err)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
