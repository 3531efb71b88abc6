package media

import "encoding/binary"

// webp reads the chunks of a WebP picture (RFC 9649) up to the one with the pixels.
// A decoder would unpack the transparency that comes before it, at the size in the
// header, however large that is.
func (b *content) webp() format {
	f := format{mime: typeWEBP, ext: ".webp", flaw: flawHead}
	riff := b.at(0, 12)
	end := int64(binary.LittleEndian.Uint32(riff[4:8])) + 8
	if end > b.size {
		f.flaw = flawEnd
		return f
	}
	extended := false
	for at := int64(12); ; {
		head := b.at(at, 8)
		if head == nil || at+8 > end {
			return f
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		if at+8+size > end {
			f.flaw = flawEnd
			return f
		}
		width, height := 0, 0
		switch string(head[:4]) {
		case "VP8X":
			flags := b.at(at+8, 10)
			if flags == nil || size < 10 {
				return f
			}
			extended = true
			f.animated = flags[0]&0x02 != 0
			f.width, f.height = int(uint24(flags[4:]))+1, int(uint24(flags[7:]))+1
		case "ANMF":
			if extended && f.animated {
				f.flaw = ""
			}
			return f
		case "VP8 ":
			width, height = lossy(b.at(at+8, int(min(size, 10))))
		case "VP8L":
			width, height = lossless(b.at(at+8, int(min(size, 5))))
		}
		if width > 0 && height > 0 {
			if !extended {
				f.width, f.height = width, height
			}
			if f.width == width && f.height == height {
				f.flaw = ""
			}
			return f
		}
		// Chunks begin at even offsets.
		at += 8 + size + size&1
	}
}

// lossy reads the size from a VP8 key frame (RFC 6386, section 9.1); zero when it
// is none.
func lossy(frame []byte) (width, height int) {
	if len(frame) < 10 || frame[0]&1 != 0 || string(frame[3:6]) != "\x9d\x01\x2a" {
		return 0, 0
	}
	const mask = 1<<14 - 1
	return int(binary.LittleEndian.Uint16(frame[6:])) & mask, int(binary.LittleEndian.Uint16(frame[8:])) & mask
}

// lossless reads the size from a VP8L header (RFC 9649, section 3.4); zero when it
// is none.
func lossless(header []byte) (width, height int) {
	if len(header) < 5 || header[0] != 0x2f {
		return 0, 0
	}
	const mask = 1<<14 - 1
	bits := int(binary.LittleEndian.Uint32(header[1:]))
	return bits&mask + 1, bits>>14&mask + 1
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }
