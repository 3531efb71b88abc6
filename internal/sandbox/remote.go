package sandbox

import (
	"crypto/sha256"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Limits of files that Telegram fetches itself, in bytes.
const (
	maxRemotePhoto = 5 << 20
	maxRemote      = 20 << 20
)

var (
	errRemoteAddress = errors.New("wrong HTTP URL specified")
	errRemoteFailed  = &serverError{"WEBPAGE_CURL_FAILED", "failed to get HTTP URL content"}
	errRemoteType    = &serverError{"WEBPAGE_MEDIA_EMPTY", "wrong type of the web page content"}
)

// fileAddress checks the address of a file and returns it in Telegram's form.
func fileAddress(text string) (string, error) {
	if _, _, internal := telegramScheme(text); internal {
		return "", errRemoteAddress
	}
	address, err := checkLink(text, false)
	if err != nil {
		return "", errRemoteAddress
	}
	return address, nil
}

// newRemote describes a file that Telegram would fetch.
func newRemote(k *mediaKind, address string, d description) *File {
	sum := sha256.Sum256([]byte(address))
	f := newFile(k, d)
	f.URL, f.UniqueID = address, uniqueID(sum[:])
	return f
}

// remoteTypes are the endings that the path of an address may have for a kind of media, with their types. A path
// without an ending is accepted for any kind. Documents are those that sendDocument fetches.
var remoteTypes = map[*mediaKind]map[string]string{
	photoKind: {
		".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
	},
	videoKind:     {".mp4": "video/mp4"},
	animationKind: {".gif": "video/mp4", ".mp4": "video/mp4"},
	documentKind:  {".gif": "video/mp4", ".pdf": "application/pdf", ".zip": "application/zip"},
	audioKind:     {".mp3": "audio/mpeg", ".m4a": "audio/mp4"},
	voiceKind:     {".ogg": "audio/ogg", ".oga": "audio/ogg"},
}

// The assumed size of a photo from a URL, in pixels, which is never fetched.
const (
	remoteWidth  = 800
	remoteHeight = 600
)

// judgeAddress decides by its address alone whether a file could be fetched: the sandbox fetches nothing.
func judgeAddress(k *mediaKind, f *File) error {
	u, err := url.Parse(f.URL)
	if err != nil || !public(u.Hostname()) || slices.Contains(strings.Split(u.Path, "/"), "missing") {
		return errRemoteFailed
	}
	most := int64(maxRemote)
	if k == photoKind {
		most = maxRemotePhoto
	}
	if size, err := strconv.ParseInt(u.Query().Get("size"), 10, 64); err == nil {
		if size > most {
			return errRemoteFailed
		}
		f.Size = size
	}
	name := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	ending := extension(name)
	kind, right := remoteTypes[k][ending]
	if ending != "" && !right {
		return errRemoteType
	}
	f.MIMEType = kind
	switch k {
	case photoKind:
		f.Width, f.Height = remoteWidth, remoteHeight
	case documentKind:
		f.Name = name
		if ending == ".gif" && !f.undetected {
			f.Kind = animationKind.name
		}
	case videoKind, animationKind, audioKind:
		f.Name = name
	}
	return nil
}

// public reports whether Telegram could reach a host: no name that is reserved for private use, no private address.
func public(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsGlobalUnicast() && !ip.IsPrivate()
	}
	host = strings.TrimSuffix(host, ".")
	switch last := host[strings.LastIndexByte(host, '.')+1:]; last {
	case "invalid", "test", "local", "localhost", "internal":
		return false
	default:
		return strings.Trim(last, "0123456789") != "" // what ends like an address but is none
	}
}
