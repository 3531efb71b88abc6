package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/image/bmp"
)

// noise is a picture that does not compress well.
func noise(width, height int) *image.Paletted {
	random := rand.New(rand.NewPCG(1, 2))
	palette := color.Palette{color.Black, color.White, color.RGBA{R: 255, A: 255}}
	p := image.NewPaletted(image.Rect(0, 0, width, height), palette)
	for i := range p.Pix {
		p.Pix[i] = uint8(random.IntN(len(palette)))
	}
	return p
}

func encoded(encode func(*bytes.Buffer) error) []byte {
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func jpegOf(width, height int) []byte {
	return encoded(func(b *bytes.Buffer) error { return jpeg.Encode(b, noise(width, height), nil) })
}

func pngOf(width, height int) []byte {
	return encoded(func(b *bytes.Buffer) error { return png.Encode(b, noise(width, height)) })
}

func gifOf(width, height int) []byte {
	return encoded(func(b *bytes.Buffer) error { return gif.Encode(b, noise(width, height), nil) })
}

func bmpOf(width, height int) []byte {
	return encoded(func(b *bytes.Buffer) error { return bmp.Encode(b, noise(width, height)) })
}

// hugePNG is a picture that claims a size which its few bytes cannot fill.
func hugePNG(width, height uint32) []byte {
	b := pngOf(1, 1)
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc(b[12:29]))
	return b
}

func crc(b []byte) uint32 {
	sum := ^uint32(0)
	for _, c := range b {
		sum ^= uint32(c)
		for range 8 {
			sum = sum>>1 ^ 0xedb88320*(sum&1)
		}
	}
	return ^sum
}

// riffChunk is a chunk with its padding.
func riffChunk(name string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data)))
	b = append(b, data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func webpOf(chunks ...[]byte) []byte {
	return riffChunk("RIFF", append([]byte("WEBP"), bytes.Join(chunks, nil)...)...)
}

func vp8x(flags byte, width, height int) []byte {
	w, h := width-1, height-1
	return riffChunk("VP8X", flags, 0, 0, 0, byte(w), byte(w>>8), byte(w>>16), byte(h), byte(h>>8), byte(h>>16))
}

func vp8(width, height int) []byte {
	frame := []byte{0x10, 0x02, 0, 0x9d, 0x01, 0x2a}
	frame = binary.LittleEndian.AppendUint16(frame, uint16(width))
	frame = binary.LittleEndian.AppendUint16(frame, uint16(height))
	return riffChunk("VP8 ", append(frame, make([]byte, 16)...)...)
}

func vp8l(width, height int) []byte {
	return riffChunk("VP8L", binary.LittleEndian.AppendUint32([]byte{0x2f}, uint32(width-1)|uint32(height-1)<<14)...)
}

// boxOf returns a box with the content.
func boxOf(kind string, content ...[]byte) []byte {
	inner := bytes.Join(content, nil)
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(inner)))
	return append(append(b, kind...), inner...)
}

func words(values ...uint32) (b []byte) {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

func ftyp(brand string) []byte {
	return boxOf("ftyp", []byte(brand), words(0), []byte("isommp42"))
}

func mvhd(scale, units uint32) []byte {
	return boxOf("mvhd", words(0, 0, 0, scale, units), make([]byte, 80))
}

func trakOf(handler string, width, height uint32, turned bool) []byte {
	matrix := words(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)
	if turned {
		matrix = words(0, 1<<16, 0, 0xffff0000, 0, 0, 0, 0, 1<<30)
	}
	return boxOf("trak",
		boxOf("tkhd", words(7, 0, 0, 1, 0, 0), make([]byte, 16), matrix, words(width<<16, height<<16)),
		boxOf("mdia", boxOf("hdlr", words(0, 0), []byte(handler), make([]byte, 13))))
}

func mp4Of(brand string, tracks ...[]byte) []byte {
	moov := boxOf("moov", mvhd(1000, 2500), bytes.Join(tracks, nil))
	return slices.Concat(ftyp(brand), boxOf("free"), boxOf("mdat", make([]byte, 64)), moov)
}

// oggPage is a page with one packet.
func oggPage(flags byte, position uint64, packet []byte) []byte {
	b := append([]byte("OggS\x00"), flags)
	b = binary.LittleEndian.AppendUint64(b, position)
	b = append(b, "abcd\x00\x00\x00\x00sum!"...)
	b = append(b, 1, byte(len(packet)))
	return append(b, packet...)
}

func opusOf(samples uint64) []byte {
	const skip = 312
	head := append([]byte("OpusHead\x01\x01"), skip&0xff, skip>>8, 0x80, 0xbb, 0, 0, 0, 0, 0)
	return slices.Concat(oggPage(2, 0, head), oggPage(0, 0, []byte("OpusTags")), oggPage(0, skip+960, make([]byte, 200)),
		oggPage(4, skip+samples, make([]byte, 100)))
}

// mp3Of has frames of 128 kbit/s at 44.1 kHz, 417 bytes each.
func mp3Of(tag int) []byte {
	var b []byte
	if tag > 0 {
		b = append([]byte("ID3\x04\x00\x00"), 0, 0, byte(tag>>7), byte(tag&0x7f))
		b = append(b, make([]byte, tag)...)
	}
	for range 3 {
		b = append(append(b, 0xff, 0xfb, 0x90, 0x00), make([]byte, 413)...)
	}
	return b
}

const svg = `<?xml version="1.0"?>
<!-- a > comment -->
<!DOCTYPE svg [ <!ENTITY x "y"> ]>
<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>`

// zipBomb is the beginning of a zip bomb that is named like a picture.
const zipBomb = "PK\x03\x04\x14\x00\x00\x00\x08\x00"

var longText = strings.Repeat("text ", 2000)
