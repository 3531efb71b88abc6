package sandbox

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"

	"golang.org/x/image/webp"
)

// format is the format of a file's bytes, as far as Telegram treats formats differently.
type format struct {
	name     string
	mimeType string
}

var (
	formatJPEG = format{"jpeg", "image/jpeg"}
	formatPNG  = format{"png", "image/png"}
	formatWebP = format{"webp", "image/webp"}
	formatGIF  = format{"gif", "image/gif"}
	formatMP4  = format{"mp4", "video/mp4"}
	formatM4A  = format{"m4a", "audio/mp4"}
	formatMP3  = format{"mp3", "audio/mpeg"}
	formatOgg  = format{"ogg", "audio/ogg"}
	formatNone = format{"", "application/octet-stream"}
)

// formatOf recognises a format by the first bytes.
func formatOf(content []byte) format {
	at := func(offset int, magic string) bool {
		return len(content) >= offset+len(magic) && string(content[offset:offset+len(magic)]) == magic
	}
	switch {
	case at(0, "\xff\xd8\xff"):
		return formatJPEG
	case at(0, "\x89PNG\r\n\x1a\n"):
		return formatPNG
	case at(0, "RIFF") && at(8, "WEBP"):
		return formatWebP
	case at(0, "GIF87a"), at(0, "GIF89a"):
		return formatGIF
	case at(4, "ftypM4A"):
		return formatM4A
	case at(4, "ftyp"):
		return formatMP4
	case at(0, "ID3"), len(content) > 1 && content[0] == 0xff && content[1]&0xe6 == 0xe2:
		return formatMP3
	case at(0, "OggS"):
		return formatOgg
	}
	return formatNone
}

var (
	errPicture    = serverCode("IMAGE_PROCESS_FAILED")
	errDimensions = serverCode("PHOTO_INVALID_DIMENSIONS")
	errExtension  = &serverError{
		"PHOTO_EXT_INVALID", "Photo has unsupported extension. Use one of .jpg, .jpeg, .gif, .png, .tif or .bmp",
	}
)

// photoExtensions are the endings that the name of a photo may have, if it has any.
var photoExtensions = []string{"", ".jpg", ".jpeg", ".gif", ".png", ".tif", ".bmp", ".webp"}

// Limits of a photo's dimensions, in pixels.
const (
	maxSides = 10000 // width and height together
	maxRatio = 20    // of the longer side to the shorter
)

// soundless in a file's name makes a video one without sound.
const soundless = "soundless"

// documentTypes are the types of documents that cannot be recognised by their bytes, by the ending of their name.
var documentTypes = map[string]string{
	".csv": "text/csv", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".html": "text/html", ".json": "application/json", ".pdf": "application/pdf", ".svg": "image/svg+xml",
	".txt": "text/plain", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".xml": "text/xml", ".zip": "application/zip",
}

// judgeContent examines an uploaded file and decides what it becomes, or returns why it cannot be sent.
func judgeContent(k *mediaKind, f *File, content []byte, album bool) error {
	is := formatOf(content)
	f.MIMEType = is.mimeType
	if byName, known := documentTypes[extension(f.Name)]; known && is == formatNone {
		f.MIMEType = byName
	}
	if k == photoKind {
		return judgePhoto(f, is, content)
	}
	become := k
	switch {
	case !k.takes(is):
		become = documentKind
	case album: // stays what it is sent as
	case k == documentKind && is == formatGIF && !f.undetected,
		k == videoKind && strings.Contains(strings.ToLower(f.Name), soundless):
		become = animationKind
	}
	if album && become != k {
		return errAlbumKind
	}
	f.Kind = become.name
	if become == animationKind && is == formatGIF {
		f.convert(content)
	}
	return nil
}

// takes reports whether the method of a kind is meant for a file of the format.
func (k *mediaKind) takes(is format) bool {
	switch k {
	case videoKind:
		return is == formatMP4
	case animationKind:
		return is == formatMP4 || is == formatGIF
	case audioKind:
		return is == formatMP3 || is == formatM4A
	case voiceKind:
		return is == formatOgg || is == formatMP3 || is == formatM4A
	}
	return true
}

// convert turns a GIF into a video, as Telegram does.
func (f *File) convert(content []byte) {
	f.MIMEType = formatMP4.mimeType
	if f.Name != "" {
		f.Name += ".mp4"
	}
	if len(content) >= 10 {
		f.Width = int64(binary.LittleEndian.Uint16(content[6:]))
		f.Height = int64(binary.LittleEndian.Uint16(content[8:]))
	}
}

// judgePhoto reads a picture's header; its pixels are never unpacked. A truncated picture is noticed by its end.
func judgePhoto(f *File, is format, content []byte) error {
	var (
		size  image.Config
		whole bool
		err   error
	)
	switch is {
	case formatJPEG:
		size, err = jpeg.DecodeConfig(bytes.NewReader(content))
		whole = bytes.Contains(content, []byte("\xff\xd9"))
	case formatPNG:
		size, err = png.DecodeConfig(bytes.NewReader(content))
		whole = bytes.Contains(content, []byte("IEND\xae\x42\x60\x82"))
	case formatWebP:
		size, err = webp.DecodeConfig(bytes.NewReader(content))
		whole = int64(binary.LittleEndian.Uint32(content[4:]))+8 <= int64(len(content))
	default:
		return errPicture
	}
	if err != nil || !whole {
		return errPicture
	}
	longer, shorter := max(size.Width, size.Height), min(size.Width, size.Height)
	if shorter < 1 || longer+shorter > maxSides || longer > maxRatio*shorter {
		return errDimensions
	}
	if !slices.Contains(photoExtensions, extension(f.Name)) {
		return errExtension
	}
	f.Width, f.Height = int64(size.Width), int64(size.Height)
	f.Name = "" // a photo has none
	return nil
}
