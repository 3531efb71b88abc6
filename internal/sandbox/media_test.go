package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

// upload is a file of a form.
type upload struct {
	field, name string
	content     []byte
}

// send makes a call with files as a form; parameters that are no strings are sent as JSON.
func send(t *testing.T, s *sandbox.Sandbox, method string, parameters object, files ...upload) reply {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, v := range parameters {
		text, ok := v.(string)
		if !ok {
			body, err := json.Marshal(v)
			require.NoError(t, err)
			text = string(body)
		}
		require.NoError(t, w.WriteField(name, text))
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.field, f.name)
		require.NoError(t, err)
		_, err = part.Write(f.content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	response, err := http.Post(s.URL()+"/bot"+token+"/"+method, w.FormDataContentType(), &form)
	require.NoError(t, err)
	return read(t, response)
}

// picture encodes a plain picture; a PNG claims that size and has one pixel.
func picture(t *testing.T, format string, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&out, image.NewGray(image.Rect(0, 0, 1, 1)))
		header := out.Bytes()[12:33] // "IHDR", what it says, and the checksum of both
		binary.BigEndian.PutUint32(header[4:], uint32(width))
		binary.BigEndian.PutUint32(header[8:], uint32(height))
		binary.BigEndian.PutUint32(header[17:], crc32.ChecksumIEEE(header[:17]))
	case "jpeg":
		err = jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, width, height)), nil)
	case "gif":
		err = gif.Encode(&out, image.NewGray(image.Rect(0, 0, width, height)), nil)
	case "webp":
		payload := binary.LittleEndian.AppendUint32([]byte{0x2f}, uint32(width-1)|uint32(height-1)<<14)
		chunk := append(binary.LittleEndian.AppendUint32([]byte("WEBPVP8L"), uint32(len(payload))), payload...)
		chunk = append(chunk, 0) // chunks are even
		out.Write(append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunk))), chunk...))
	}
	require.NoError(t, err)
	return out.Bytes()
}

// Files that are recognised by their beginning.
var (
	mp4  = []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2")
	m4a  = []byte("\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00isomiso2")
	mp3  = []byte("ID3\x04\x00\x00\x00\x00\x00\x00")
	ogg  = []byte("OggS\x00\x02\x00\x00")
	pdf  = []byte("%PDF-1.7\n")
	svg  = []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>`)
	text = []byte("hello")
)

// TestUploads checks what files of every kind become.
func TestUploads(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for _, c := range []struct {
		method  string
		name    string
		content []byte
		field   string // that the Message has
		mime    string
	}{
		{"sendPhoto", "a.png", picture(t, "png", 640, 480), "photo", ""},
		{"sendPhoto", "a.jpg", picture(t, "jpeg", 640, 480), "photo", ""},
		{"sendPhoto", "a.webp", picture(t, "webp", 640, 480), "photo", ""},
		{"sendPhoto", "photo", picture(t, "png", 8000, 2000), "photo", ""},
		{"sendPhoto", "a.png", picture(t, "png", 2000, 100), "photo", ""},
		{"sendVideo", "a.mp4", mp4, "video", "video/mp4"},
		{"sendVideo", "Soundless.mp4", mp4, "animation", "video/mp4"},
		{"sendVideo", "a.txt", text, "document", "text/plain"},
		{"sendAnimation", "a.gif", picture(t, "gif", 32, 16), "animation", "video/mp4"},
		{"sendAnimation", "a.mp4", mp4, "animation", "video/mp4"},
		{"sendAnimation", "a.png", picture(t, "png", 32, 16), "document", "image/png"},
		{"sendDocument", "a.pdf", pdf, "document", "application/pdf"},
		{"sendDocument", "a.svg", svg, "document", "image/svg+xml"},
		{"sendDocument", "a.png", picture(t, "png", 32, 16), "document", "image/png"},
		{"sendDocument", "a.gif", picture(t, "gif", 32, 16), "animation", "video/mp4"},
		{"sendDocument", "unknown", text, "document", "application/octet-stream"},
		{"sendAudio", "a.mp3", mp3, "audio", "audio/mpeg"},
		{"sendAudio", "a.m4a", m4a, "audio", "audio/mp4"},
		{"sendAudio", "a.ogg", ogg, "document", "audio/ogg"},
		{"sendVoice", "a.ogg", ogg, "voice", "audio/ogg"},
		{"sendVoice", "a.mp3", mp3, "voice", "audio/mpeg"},
		{"sendVoice", "a.pdf", pdf, "document", "application/pdf"},
	} {
		field := strings.ToLower(strings.TrimPrefix(c.method, "send"))
		for _, r := range []reply{
			send(t, s, c.method, object{"chat_id": 42}, upload{field, c.name, c.content}),
			send(t, s, c.method, object{"chat_id": 42, field: "attach://it"}, upload{"it", c.name, c.content}),
		} {
			m := r.result(t)
			require.Contains(t, m, c.field, "%s %s", c.method, c.name)
			if one, ok := m[c.field].(object); ok {
				require.Equal(t, c.mime, one["mime_type"])
				require.EqualValues(t, len(c.content), one["file_size"])
			}
			require.NotContains(t, m, "text")
			require.NotContains(t, m, "caption")
		}
	}
}

// TestMediaMessages compares whole Messages.
func TestMediaMessages(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := start(t, sandbox.Options{Now: clock.Now})
	head := object{
		"from": object{"id": 123456, "is_bot": true, "first_name": "Sandbox 123456", "username": "sandbox123456_bot"},
		"chat": object{"id": 42, "first_name": "Person 42", "type": "private"}, "date": 1700000000,
	}
	keyboard := object{"inline_keyboard": [][]object{{{"text": "Go", "url": "https://example.com/?a=1"}}}}
	for i, c := range []struct {
		method     string
		parameters object
		file       upload
		want       object // file_id, file_unique_id and file_size aside
	}{
		{
			"sendPhoto", object{
				"caption": "<b>Hi</b> you ", "parse_mode": "HTML", "show_caption_above_media": true, "has_spoiler": true,
				"message_effect_id": "5104841245755180586", "protect_content": true, "disable_notification": true,
				"reply_markup": keyboard,
			},
			upload{"photo", "a.png", picture(t, "png", 1000, 500)},
			object{
				"photo": []object{
					{"width": 90, "height": 45}, {"width": 320, "height": 160}, {"width": 800, "height": 400}, {"width": 1000, "height": 500},
				},
				"caption": "Hi you", "caption_entities": []object{{"offset": 0, "length": 2, "type": "bold"}},
				"show_caption_above_media": true, "has_media_spoiler": true, "effect_id": "5104841245755180586",
				"has_protected_content": true, "reply_markup": keyboard,
			},
		},
		{
			"sendVideo", object{"duration": 9, "width": 640, "height": 360, "supports_streaming": true, "thumbnail": "attach://t", "performer": "x"},
			upload{"video", "a.mp4", mp4},
			object{"video": object{"duration": 9, "width": 640, "height": 360, "file_name": "a.mp4", "mime_type": "video/mp4"}},
		},
		{
			"sendAnimation", object{"caption": " "},
			upload{"animation", "a.gif", picture(t, "gif", 32, 16)},
			object{
				"animation": object{"duration": 0, "width": 32, "height": 16, "file_name": "a.gif.mp4", "mime_type": "video/mp4"},
				"document":  object{"file_name": "a.gif.mp4", "mime_type": "video/mp4"},
			},
		},
		{
			"sendDocument", object{"disable_content_type_detection": true, "has_spoiler": true, "show_caption_above_media": true},
			upload{"document", "a.gif", picture(t, "gif", 32, 16)},
			object{"document": object{"file_name": "a.gif", "mime_type": "image/gif"}},
		},
		{
			"sendAudio", object{"duration": 1e9, "performer": "Ann", "title": "Song"},
			upload{"audio", "a.mp3", mp3},
			object{"audio": object{"duration": 86400, "performer": "Ann", "title": "Song", "file_name": "a.mp3", "mime_type": "audio/mpeg"}},
		},
		{
			"sendVoice", object{"duration": -1}, upload{"voice", "a.ogg", ogg},
			object{"voice": object{"duration": 0, "mime_type": "audio/ogg"}},
		},
	} {
		c.parameters["chat_id"] = 42
		r := send(t, s, c.method, c.parameters, c.file)
		got := r.result(t)
		want := maps.Clone(head)
		want["message_id"] = i + 1
		maps.Copy(want, c.want)
		bare(got)
		body, err := json.Marshal(got)
		require.NoError(t, err)
		wanted, err := json.Marshal(want)
		require.NoError(t, err)
		require.JSONEq(t, string(wanted), string(body))
	}
}

// bare removes the ids and sizes from the files of a Message.
func bare(v any) {
	switch v := v.(type) {
	case object:
		for _, name := range []string{"file_id", "file_unique_id", "file_size"} {
			delete(v, name)
		}
		for _, child := range v {
			bare(child)
		}
	case []any:
		for _, child := range v {
			bare(child)
		}
	}
}

func TestMediaRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	photo := func(format string, width, height int) upload {
		return upload{"photo", "a." + format, picture(t, format, width, height)}
	}
	good := photo("png", 32, 32)
	cut := func(format string) upload {
		content := picture(t, format, 64, 64)
		return upload{"photo", "a." + format, content[:len(content)-4]}
	}
	for _, c := range []struct {
		method      string
		change      object
		file        upload
		description string // after "Bad Request: "
	}{
		{"sendPhoto", nil, upload{}, "there is no photo in the request"},
		{"sendVoice", nil, good, "there is no voice in the request"},
		{"sendPhoto", object{"photo": "attach://nothing"}, good, "there is no photo in the request"},
		{"sendPhoto", nil, upload{"photo", "a.png", nil}, "file must be non-empty"},
		{"sendDocument", nil, upload{"document", "a.txt", nil}, "file must be non-empty"},
		{"sendPhoto", nil, upload{"photo", "a.svg", svg}, "IMAGE_PROCESS_FAILED"},
		{"sendPhoto", nil, upload{"photo", "a.png", text}, "IMAGE_PROCESS_FAILED"},
		{"sendPhoto", nil, photo("gif", 32, 32), "IMAGE_PROCESS_FAILED"},
		{"sendPhoto", nil, cut("png"), "IMAGE_PROCESS_FAILED"},
		{"sendPhoto", nil, cut("jpeg"), "IMAGE_PROCESS_FAILED"},
		{"sendPhoto", nil, cut("webp"), "IMAGE_PROCESS_FAILED"},
		{"sendPhoto", nil, upload{"photo", "a.png", good.content[:12]}, "IMAGE_PROCESS_FAILED"},
		{"sendPhoto", nil, photo("png", 8001, 2000), "PHOTO_INVALID_DIMENSIONS"},
		{"sendPhoto", nil, photo("png", 21, 1), "PHOTO_INVALID_DIMENSIONS"},
		{"sendPhoto", nil, upload{"photo", "a.tiff", good.content},
			"photo has unsupported extension. Use one of .jpg, .jpeg, .gif, .png, .tif or .bmp"},
		{"sendPhoto", nil, upload{"photo", "a.png", append(bytes.Clone(good.content), make([]byte, 10<<20+1-len(good.content))...)},
			"file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"},
		{"sendPhoto", object{"caption": strings.Repeat("😀", 1025)}, good, "message caption is too long"},
		{"sendPhoto", object{"caption": strings.Repeat("x", 32769)}, good, "text is too long"},
		{"sendPhoto", object{"caption": "<br>", "parse_mode": "HTML"}, good, `can't parse entities: Unsupported start tag "br" at byte offset 0`},
		{"sendPhoto", object{"caption": "x", "parse_mode": "Markdown"}, good, "unsupported parse_mode"},
		{"sendPhoto", object{"caption": "x", "caption_entities": []object{{"type": "bold", "offset": 5, "length": 1}}}, good,
			"entity begins after the end of the text at UTF-16 offset 5"},
		{"sendPhoto", object{"chat_id": ""}, good, "chat_id is empty"},
		{"sendPhoto", object{"reply_markup": "{"}, good, "can't parse reply keyboard markup JSON object"},
		{"sendPhoto", object{"chat_id": -1, "message_effect_id": "1"}, good, "EFFECT_ID_INVALID"},
		{"sendAudio", object{"title": "\xff"}, upload{"audio", "a.mp3", mp3}, "strings must be encoded in UTF-8"},
		{"sendDocument", nil, upload{"document", "\xff.txt", text}, "strings must be encoded in UTF-8"},
		{"sendPhoto", object{"photo": "AgACAgIAAx0"}, upload{}, "wrong file identifier/HTTP URL specified"},
		{"sendPhoto", object{"photo": "sandbox-photo-1"}, upload{}, "wrong file identifier/HTTP URL specified"},
		{"sendPhoto", object{"photo": "not an id"}, upload{}, "wrong remote file identifier specified: Wrong character in the string"},
	} {
		parameters := object{"chat_id": 42}
		maps.Copy(parameters, c.change)
		var files []upload
		if c.file.field != "" {
			files = append(files, c.file)
		}
		r := send(t, s, c.method, parameters, files...)
		require.Equal(t, 400, r.Status, c.description)
		require.Equal(t, "Bad Request: "+c.description, r.Description)
	}
	require.Zero(t, s.Stats().Messages)
	require.Empty(t, s.Files(0), "what was refused is no file of the bot's")
	require.True(t, send(t, s, "sendPhoto", object{"chat_id": 42, "caption": strings.Repeat("😀", 1024)}, good).OK)
}

// TestRemoteFiles checks files that Telegram would fetch.
func TestRemoteFiles(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	const failed, wrongType = "failed to get HTTP URL content", "wrong type of the web page content"
	for _, c := range []struct{ kind, url, description string }{
		{"photo", "https://example.com/a.jpg", ""},
		{"photo", "HTTP://Example.com:8080/a.PNG?x=1", ""},
		{"photo", "example.com/a.jpg", ""},
		{"photo", "https://example.com/picture", ""},
		{"photo", "https://example.com/a.jpg?size=5242880", ""},
		{"photo", "https://example.com/a.jpg?size=5242881", failed},
		{"photo", "https://example.com/missing/a.jpg", failed},
		{"photo", "https://shop.invalid/a.jpg", failed},
		{"photo", "https://printer.local./a.jpg", failed},
		{"photo", "https://127.0.0.1/a.jpg", failed},
		{"photo", "https://[::1]/a.jpg", failed},
		{"photo", "https://10.1.2.3/a.jpg", failed},
		{"photo", "https://127.1/a.jpg", failed},
		{"photo", "https://example.com/%zz.jpg", failed},
		{"photo", "https://example.com/index.html", wrongType},
		{"photo", "https://example.com/a.svg", wrongType},
		{"photo", "ftp://example.com/a.jpg", "wrong HTTP URL specified"},
		{"photo", "tg://resolve?domain=a.b", "wrong HTTP URL specified"},
		{"photo", "https://a b.com/a.jpg", "wrong HTTP URL specified"},
		{"video", "https://example.com/a.mp4?size=20971520", ""},
		{"video", "https://example.com/a.mp4?size=20971521", failed},
		{"video", "https://example.com/a.avi", wrongType},
		{"animation", "https://example.com/a.gif", ""},
		{"document", "https://example.com/a.pdf", ""},
		{"document", "https://example.com/a.docx", wrongType},
		{"audio", "https://example.com/a.mp3", ""},
		{"voice", "https://example.com/a.ogg", ""},
	} {
		method := "send" + c.kind
		r := call(t, s, method, object{"chat_id": 42, c.kind: c.url})
		if c.description == "" {
			require.Contains(t, r.result(t), c.kind, c.url)
			continue
		}
		require.Equal(t, "Bad Request: "+c.description, r.Description, c.url)
	}
	require.Contains(t, call(t, s, "sendDocument", object{"chat_id": 42, "document": "https://example.com/a.gif"}).result(t), "animation")
	files := s.Files(botID)
	require.Len(t, files, 11)
	require.Equal(t, "http://example.com:8080/a.PNG?x=1", files[1].URL)
	require.Empty(t, files[1].SHA256)
	require.Zero(t, s.Stats().Uploads)
	require.Equal(t, "Bad Request: wrong file_id or the file is temporarily unavailable",
		call(t, s, "getFile", object{"file_id": files[1].ID}).Description)
}

// TestFileIDs sends files again.
func TestFileIDs(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	content := picture(t, "png", 500, 400)
	m := send(t, s, "sendPhoto", object{"chat_id": 42}, upload{"photo", "a.png", content}).result(t)
	sizes := m["photo"].([]any)
	require.Len(t, sizes, 3)
	largest := sizes[2].(object)["file_id"].(string)
	for _, size := range sizes {
		again := call(t, s, "sendPhoto", object{"chat_id": 43, "photo": size.(object)["file_id"]}).result(t)
		require.Equal(t, sizes, again["photo"])
	}
	send(t, s, "sendVideo", object{"chat_id": 42}, upload{"video", "soundless.mp4", mp4}).result(t)
	animation := s.Files(botID)[1]
	require.Equal(t, "animation", animation.Kind)
	require.Contains(t, call(t, s, "sendAnimation", object{"chat_id": 42, "animation": animation.ID}).result(t), "animation")

	for _, c := range []struct{ kind, id, description string }{
		{"video", animation.ID, "can't use file of type Animation as Video"},
		{"document", largest, "can't use file of type Photo as Document"},
		{"voice", largest, "can't use file of type Photo as VoiceNote"},
	} {
		require.Equal(t, "Bad Request: "+c.description, call(t, s, "send"+c.kind, object{"chat_id": 42, c.kind: c.id}).Description)
	}
	other := post(t, s.URL()+"/bot"+sandbox.Token(7)+"/sendPhoto", "application/json", `{"chat_id":42,"photo":"`+largest+`"}`)
	require.Equal(t, "Bad Request: wrong file identifier/HTTP URL specified", other.Description)

	sum := sha256.Sum256(content)
	got := s.Messages(botID, 0, 0, 10)
	require.Len(t, got, 6)
	require.Equal(t, hex.EncodeToString(sum[:]), got[0].Media.SHA256)
	require.Equal(t, "sendPhoto", got[0].Media.Method)
	require.True(t, got[0].Media.Uploaded)
	require.EqualValues(t, len(content), got[0].Media.Size)
	for _, again := range got[1:4] {
		require.False(t, again.Media.Uploaded)
		require.Equal(t, got[0].Media.File, again.Media.File)
	}
	require.Equal(t, "sendVideo", got[4].Media.Method)
	require.Equal(t, "soundless.mp4", got[4].Media.Name)
	require.EqualValues(t, 2, s.Stats().Uploads)
	require.EqualValues(t, 3, s.Stats().Duplicates, "the same picture twice more to 43, the same animation once more to 42")

	s.Reset()
	require.Empty(t, s.Files(0))
	require.Zero(t, s.Stats().Uploads)
	require.Equal(t, "Bad Request: wrong file identifier/HTTP URL specified",
		call(t, s, "sendPhoto", object{"chat_id": 42, "photo": largest}).Description)
}

func TestDownload(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	content := picture(t, "png", 32, 32)
	send(t, s, "sendDocument", object{"chat_id": 42}, upload{"document", "Price list.PNG", content}).result(t)
	files := s.Files(botID)
	got := call(t, s, "getFile", object{"file_id": files[0].ID}).result(t)
	require.Equal(t, files[0].UniqueID, got["file_unique_id"])
	require.EqualValues(t, len(content), got["file_size"])
	require.Equal(t, "documents/file_1.png", got["file_path"])

	download := func(path string) (int, []byte) {
		response, err := http.Get(s.URL() + "/file/bot" + path)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode, body
	}
	status, body := download(token + "/documents/file_1.png")
	require.Equal(t, 200, status)
	require.Equal(t, content, body)
	for path, want := range map[string]int{
		token + "/documents/file_3.png": 404,
		token + "/":                     404,
		token:                           404,
		sandbox.Token(7) + "/documents/file_1.png":        404,
		"123456:A%20b/documents/file_1.png":               401,
		token + "/documents/..%2fdocuments%2ffile_1.png":  404,
		strings.Replace(token, ":", "", 1) + "/documents": 404,
	} {
		status, body := download(path)
		require.Equal(t, want, status, path)
		require.Contains(t, string(body), `{"ok":false,`)
	}
	for id, description := range map[string]string{
		"": "file_id not specified", "a b": "invalid file_id", "abc": "wrong file_id or the file is temporarily unavailable",
	} {
		require.Equal(t, "Bad Request: "+description, call(t, s, "getFile", object{"file_id": id}).Description)
	}
	s.Revoke(botID)
	status, _ = download(token + "/documents/file_1.png")
	require.Equal(t, 401, status)
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	r := send(t, s, "sendDocument", object{"chat_id": 42}, upload{"document", "a.bin", make([]byte, 53<<20)})
	require.Equal(t, 413, r.Status)
	require.Equal(t, "Request Entity Too Large", r.Description)
}

func TestAlbum(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := start(t, sandbox.Options{Log: &log})
	first, second := picture(t, "png", 32, 32), picture(t, "jpeg", 64, 32)
	media := []object{
		{"type": "photo", "media": "attach://f0", "caption": "<b>One</b>", "parse_mode": "HTML", "has_spoiler": true},
		{"type": "video", "media": "attach://f1", "caption": "Two", "duration": 3, "width": "640", "height": 360, "supports_streaming": true},
		{"type": "photo", "media": "attach://f2", "caption": ""},
	}
	r := send(t, s, "sendMediaGroup", object{
		"chat_id": 42, "media": media, "protect_content": true, "reply_markup": "{ignored",
	}, upload{"f0", "a.png", first}, upload{"f1", "soundless.mp4", mp4}, upload{"f2", "b.jpg", second})
	require.True(t, r.OK, r.Description)
	var messages []object
	require.NoError(t, json.Unmarshal(r.Result, &messages))
	require.Len(t, messages, 3)
	for i, m := range messages {
		require.EqualValues(t, i+1, m["message_id"])
		require.Equal(t, messages[0]["media_group_id"], m["media_group_id"])
		require.Equal(t, true, m["has_protected_content"])
		require.NotContains(t, m, "reply_markup")
	}
	require.Equal(t, "One", messages[0]["caption"])
	require.NotEmpty(t, messages[0]["caption_entities"])
	require.Equal(t, true, messages[0]["has_media_spoiler"])
	require.Equal(t, "Two", messages[1]["caption"])
	require.InDelta(t, 640, messages[1]["video"].(object)["width"], 0)
	require.NotContains(t, messages[2], "caption")

	got := s.Messages(botID, 42, 0, 10)
	require.Len(t, got, 3)
	for i, m := range got {
		require.Equal(t, messages[i]["media_group_id"], m.Group)
		require.Equal(t, "sendMediaGroup", m.Media.Method)
		require.True(t, m.Media.Uploaded)
	}
	require.Equal(t, 3, strings.Count(log.String(), `"media":{"method":"sendMediaGroup",`))

	for i := range media {
		media[i]["media"] = got[i].Media.ID
	}
	r = call(t, s, "sendMediaGroup", object{"chat_id": 43, "media": media})
	require.True(t, r.OK, r.Description)
	again := s.Messages(botID, 43, 0, 10)
	require.Len(t, again, 3)
	require.NotEqual(t, got[0].Group, again[0].Group)
	for i, m := range again {
		require.Equal(t, got[i].Media.File, m.Media.File)
		require.Equal(t, got[i].Text, m.Text)
		require.False(t, m.Media.Uploaded)
	}
	require.Len(t, s.Files(botID), 3)
}

func TestAlbumRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	photo := object{"type": "photo", "media": "https://example.com/a.jpg"}
	with := func(change object) object {
		one := maps.Clone(photo)
		maps.Copy(one, change)
		return one
	}
	document := with(object{"type": "document", "media": "https://example.com/a.pdf"})
	audio := with(object{"type": "audio", "media": "https://example.com/a.mp3"})
	many := func(n int, one object) []object {
		list := make([]object, n)
		for i := range list {
			list[i] = one
		}
		return list
	}
	const item = "can't parse InputMedia: "
	for _, c := range []struct {
		media       any
		description string // after "Bad Request: "; empty where it is sent
	}{
		{many(2, photo), ""},
		{many(10, document), ""},
		{many(3, audio), ""},
		{[]object{photo, with(object{"type": "video", "media": "https://example.com/a.mp4"})}, ""},
		{[]object{photo, with(object{"caption": strings.Repeat("x", 1024)})}, ""},
		{"", `parameter "media" is required`},
		{"[", "can't parse media JSON object"},
		{object{}, "expected an Array of InputMedia"},
		{nil, "there are no messages to send"},
		{[]object{}, "there are no messages to send"},
		{many(1, photo), "too few messages to send as an album"},
		{many(11, photo), "too many messages to send as an album"},
		{[]any{photo, 1}, item + "Expected an Object"},
		{[]object{photo, {"media": "x"}}, item + `Can't find field "type"`},
		{[]object{photo, with(object{"type": "animation"})}, item + `type "animation" can't be used in sendMediaGroup`},
		{[]object{photo, with(object{"type": "voice"})}, item + `type "voice" is unsupported`},
		{[]object{photo, with(object{"type": "sticker"})}, item + `type "sticker" is unsupported`},
		{[]object{photo, with(object{"media": "attach://f1"})}, item + "media not found"},
		{[]object{photo, with(object{"media": ""})}, item + "media not found"},
		{[]object{photo, with(object{"media": true})}, item + `Field "media" must be of type String`},
		{[]object{photo, with(object{"has_spoiler": "yes"})}, item + `Field "has_spoiler" must be of type Boolean`},
		{[]object{photo, with(object{"width": "wide"})}, item + `Field "width" must be a valid Number`},
		{[]object{photo, with(object{"caption": "<b>", "parse_mode": "HTML"})},
			item + `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{[]object{photo, with(object{"caption": strings.Repeat("x", 1025)})}, "message caption is too long"},
		{[]object{photo, with(object{"media": "unknown"})}, "wrong file identifier/HTTP URL specified"},
		{[]object{photo, document}, "document can't be mixed with other media types"},
		{[]object{document, photo}, "document can't be mixed with other media types"},
		{[]object{photo, audio}, "audio can't be mixed with other media types"},
		{[]object{document, audio}, "audio can't be mixed with other media types"},
		{[]object{photo, with(object{"show_caption_above_media": true})}, "parameter show_caption_above_media must be the same for all messages"},
		{[]object{photo, with(object{"media": "https://example.com/missing/a.jpg"})},
			`failed to send message #2 with the error message "WEBPAGE_CURL_FAILED"`},
		{[]object{with(object{"media": "https://example.com/a.html"}), photo},
			`failed to send message #1 with the error message "WEBPAGE_MEDIA_EMPTY"`},
	} {
		r := call(t, s, "sendMediaGroup", object{"chat_id": 42, "media": c.media})
		if c.description == "" {
			require.True(t, r.OK, r.Description)
			continue
		}
		require.Equal(t, 400, r.Status, c.description)
		require.Equal(t, "Bad Request: "+c.description, r.Description)
	}
	sent := s.Stats().Messages
	for name, file := range map[string]upload{
		`failed to send message #2 with the error message "IMAGE_PROCESS_FAILED"`: {"f", "a.svg", svg},
		"file must be non-empty": {"f", "a.png", nil},
	} {
		r := send(t, s, "sendMediaGroup", object{"chat_id": 42, "media": []object{photo, with(object{"media": "attach://f"})}}, file)
		require.Equal(t, "Bad Request: "+name, r.Description)
	}
	r := send(t, s, "sendMediaGroup", object{
		"chat_id": 42, "media": []object{photo, {"type": "video", "media": "attach://f"}},
	}, upload{"f", "a.txt", text})
	require.Equal(t, "Bad Request: can't use the media of the specified type in the album", r.Description)
	require.Equal(t, sent, s.Stats().Messages, "an album arrives whole or not at all")
}

// TestAlbumWindows: an album counts as its items.
func TestAlbumWindows(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := sandbox.Start(t, sandbox.Options{Now: clock.Now})
	album := func(chat, items int) reply {
		list := make([]object, items)
		for i := range list {
			list[i] = object{"type": "photo", "media": "https://example.com/a.jpg"}
		}
		return call(t, s, "sendMediaGroup", object{"chat_id": chat, "media": list})
	}
	message := func(chat int) reply { return call(t, s, "sendMessage", object{"chat_id": chat, "text": "x"}) }

	require.True(t, album(1, 3).OK, "a private chat takes one message a second, and an album whole")
	require.Equal(t, 3, message(1).Parameters.RetryAfter)
	clock.advance(2900 * time.Millisecond)
	require.Equal(t, 429, message(1).Status)
	clock.advance(100 * time.Millisecond)
	require.True(t, message(1).OK)

	clock.advance(time.Minute)
	require.True(t, album(-1, 10).OK)
	clock.advance(time.Second)
	require.True(t, album(-1, 9).OK)
	clock.advance(time.Second)
	require.Equal(t, 429, album(-1, 2).Status)
	require.True(t, message(-1).OK)
	require.Equal(t, 58, album(-1, 2).Parameters.RetryAfter)

	clock.advance(time.Minute)
	for chat := 10; chat < 13; chat++ {
		require.True(t, album(chat, 9).OK)
	}
	require.Equal(t, 429, album(13, 4).Status, "a bot sends 30 messages in a second")
	require.True(t, album(14, 3).OK)
	require.Equal(t, 429, message(15).Status)
}

// TestMediaEdits: a message with a file has no text to edit, and keeps its file when its keyboard changes.
func TestMediaEdits(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	call(t, s, "sendPhoto", object{"chat_id": 1, "photo": "https://example.com/a.jpg", "caption": "Hi"}).result(t)
	require.Equal(t, "Bad Request: there is no text in the message to edit",
		call(t, s, "editMessageText", object{"chat_id": 1, "message_id": 1, "text": "b"}).Description)
	button := object{"inline_keyboard": [][]object{{{"text": "x", "callback_data": "y"}}}}
	m := call(t, s, "editMessageReplyMarkup", object{"chat_id": 1, "message_id": 1, "reply_markup": button}).result(t)
	require.Equal(t, "Hi", m["caption"])
	require.Contains(t, m, "photo")
	require.Contains(t, m, "reply_markup")
	require.Equal(t, "photo", s.Messages(botID, 1, 0, 1)[0].Media.Kind)

	_, err := s.Act(sandbox.Action{Kind: sandbox.ActionPress, Bot: botID, Chat: 1, MessageID: 1, Data: "y"})
	require.NoError(t, err)
	require.Contains(t, string(call(t, s, "getUpdates", object{}).Result), `"photo":[{"file_id":`)
}

// TestFilesTakeThePlaceOfFiles: a message shows another file from then on; the same one is no change.
func TestFilesTakeThePlaceOfFiles(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	call(t, s, "sendPhoto", object{"chat_id": 1, "photo": "https://example.com/a.jpg", "caption": "a"}).result(t)
	call(t, s, "sendMessage", object{"chat_id": 2, "text": "a"}).result(t)
	edit := func(message int, media any) reply {
		return call(t, s, "editMessageMedia", object{"chat_id": message, "message_id": message, "media": media})
	}
	first := s.Messages(botID, 1, 0, 1)[0].Media
	for _, refused := range []struct {
		message int
		media   any
		why     string
	}{
		{1, "x", "can't parse media JSON object"},
		{1, object{"type": "voice", "media": "https://example.com/a.ogg"}, `can't parse InputMedia: type "voice" is unsupported`},
		{1, object{"type": "photo"}, "can't parse InputMedia: media not found"},
		{1, object{"type": "video", "media": first.ID}, "can't use file of type Photo as Video"},
		{2, object{"type": "photo", "media": first.ID}, "there is no media in the message to edit"},
		{3, object{"type": "photo", "media": first.ID}, "message to edit not found"},
		{
			1, object{"type": "photo", "media": first.ID, "caption": "a"},
			"message is not modified: specified new message content and reply markup are exactly the same as a current content and " +
				"reply markup of the message",
		},
	} {
		require.Equal(t, "Bad Request: "+refused.why, edit(refused.message, refused.media).Description)
	}
	edit(1, object{"type": "photo", "media": first.ID, "caption": "<b>b</b>", "parse_mode": "HTML"}).result(t)
	m := edit(1, object{"type": "animation", "media": "https://example.com/b.gif", "caption": "c"}).result(t)
	require.Equal(t, "c", m["caption"])
	require.Contains(t, m, "animation")
	require.NotContains(t, m, "photo")
	got := s.Messages(botID, 1, 0, 1)[0]
	require.True(t, got.Edited)
	require.Equal(t, "c", got.Text)
	require.Equal(t, "animation", got.Media.Kind)
	require.Len(t, s.Messages(botID, 1, 0, 9), 1)
}

func TestLinkPreview(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for _, c := range []struct {
		options any
		want    any
	}{
		{object{"is_disabled": false}, nil},
		{object{"is_disabled": true, "unknown": 1}, object{"is_disabled": true}},
		{
			object{"url": "HTTPS://Example.com", "prefer_small_media": true, "show_above_text": true},
			object{"url": "https://example.com/", "prefer_small_media": true, "show_above_text": true},
		},
		{object{"prefer_large_media": true, "url": ""}, object{"prefer_large_media": true}},
	} {
		m := call(t, s, "sendMessage", object{"chat_id": 1, "text": "x", "link_preview_options": c.options}).result(t)
		require.Equal(t, c.want, m["link_preview_options"])
	}
}
