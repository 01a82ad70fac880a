package placeholder

import (
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
)

const (
	pngMagic  = "\x89PNG\r\n\x1a\n"
	pngHeader = "IHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00" // 1 × 1, 8 bits, RGB
	pngMin    = 8 + 25 + 27 + 12
)

// png appends a PNG of one pixel with a pseudo-random colour (PNG, third edition, 11). The padding is a private
// ancillary chunk.
func (p *placeholder) png(dst []byte, n int) []byte {
	colour := p.random.Uint64()
	dst = appendHexText(dst, pngMagic)
	dst = chunk(dst, append(p.block[:0], pngHeader...))
	if pad := n - pngMin - 12; pad >= 0 {
		dst = appendHexNumber(dst, uint64(pad), 4)
		dst = appendHexText(dst, "maSk")
		var crc uint32
		dst, crc = p.pad(dst, pad, crc32.ChecksumIEEE(append(p.block[:0], "maSk"...)))
		dst = appendHexNumber(dst, uint64(crc), 4)
	}
	// zlib (RFC 1950) with one stored block: the filter type and one pixel.
	data := append(p.block[:0], "IDAT\x78\x01\x01\x04\x00\xfb\xff\x00"...)
	data = append(data, byte(colour), byte(colour>>8), byte(colour>>16))
	data = binary.BigEndian.AppendUint32(data, adler32.Checksum(data[11:]))
	dst = chunk(dst, data)
	return chunk(dst, append(p.block[:0], "IEND"...))
}

// chunk appends a PNG chunk. The argument typed holds the type and the data of the chunk.
func chunk(dst, typed []byte) []byte {
	dst = appendHexNumber(dst, uint64(len(typed)-4), 4)
	for _, c := range typed {
		dst = appendHexNumber(dst, uint64(c), 1)
	}
	return appendHexNumber(dst, uint64(crc32.ChecksumIEEE(typed)), 4)
}

const (
	jpegStart = "\xff\xd8"
	// A baseline JPEG with one grey pixel. Each Huffman table has only the code that the pixel uses (ITU-T T.81, B.2).
	jpegRest = "\xff\xdb\x00\x43\x00" + ones64 +
		"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00" +
		"\xff\xc4\x00\x14\x00\x01" + zeros15 + "\x00" + "\xff\xc4\x00\x14\x10\x01" + zeros15 + "\x00" +
		"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\xd9"
	ones16  = "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"
	ones64  = ones16 + ones16 + ones16 + ones16
	zeros15 = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	jpegMin = len(jpegStart) + len(jpegRest)
)

// jpeg appends a JPEG. The padding is made of comments, and of up to three fill bytes before a marker.
func (p *placeholder) jpeg(dst []byte, n int) []byte {
	dst = appendHexText(dst, jpegStart)
	pad := n - jpegMin
	for pad >= 4 {
		take := min(pad, 65537)
		if left := pad - take; 0 < left && left < 4 {
			take -= 4
		}
		dst = appendHexText(dst, "\xff\xfe")
		dst = appendHexNumber(dst, uint64(take-2), 2)
		dst, _ = p.pad(dst, take-4, 0)
		pad -= take
	}
	for range max(pad, 0) {
		dst = appendHexText(dst, "\xff")
	}
	return appendHexText(dst, jpegRest)
}

const (
	gifStart = "GIF89a\x01\x00\x01\x00\x80\x00\x00"
	gifBlack = "\x00\x00\x00"
	gifRest  = "\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b"
	gifMin   = len(gifStart) + 2*len(gifBlack) + len(gifRest)
)

// gif appends a GIF of one pixel with a pseudo-random colour. The padding is a comment, which cannot be 1, 2 or 4 bytes
// long.
func (p *placeholder) gif(dst []byte, n int) []byte {
	dst = appendHexText(dst, gifStart)
	dst = appendHexNumber(dst, p.random.Uint64()>>40, 3)
	dst = appendHexText(dst, gifBlack)
	if pad := n - gifMin - 3; pad == 0 || pad >= 2 {
		dst = appendHexText(dst, "\x21\xfe")
		for pad > 0 {
			take := min(pad, 256)
			if pad-take == 1 {
				take-- // an empty block would end the comment
			}
			dst = appendHexNumber(dst, uint64(take-1), 1)
			dst, _ = p.pad(dst, take-1, 0)
			pad -= take
		}
		dst = appendHexText(dst, "\x00")
	}
	return appendHexText(dst, gifRest)
}

const (
	pdfStart = "%PDF-1.4\n"
	pdfOne   = "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
	pdfTwo   = "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
	pdfThree = "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>\nendobj\n"
	pdfOpen  = "4 0 obj\n<</Length "
	pdfFrom  = ">>\nstream\n"
	pdfClose = "\nendstream\nendobj\n"
	pdfTrail = "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n"
	pdfEnd   = "\n%%EOF\n"
	pdfXref  = "xref\n0 5\n0000000000 65535 f \n"
	pdfTable = len(pdfStart) + len(pdfOne) + len(pdfTwo) + len(pdfThree) + len(pdfOpen) + 10 + len(pdfFrom) + len(pdfClose)
	pdfMin   = pdfTable + len(pdfXref) + 4*20 + len(pdfTrail) + 10 + len(pdfEnd)
)

// pdf appends a PDF with one blank page. The padding is a stream that no page shows. All numbers have ten digits, which
// fixes the lengths.
func (p *placeholder) pdf(dst []byte, n int) []byte {
	pad := max(n-pdfMin, 0)
	dst = appendHexText(dst, pdfStart+pdfOne+pdfTwo+pdfThree+pdfOpen)
	dst = appendHexText(dst, fmt.Sprintf("%010d", pad)+pdfFrom)
	dst, _ = p.pad(dst, pad, 0)
	dst = appendHexText(dst, pdfClose+pdfXref)
	at := len(pdfStart)
	for _, object := range [...]string{pdfOne, pdfTwo, pdfThree, ""} {
		dst = appendHexText(dst, fmt.Sprintf("%010d 00000 n \n", at))
		at += len(object)
	}
	return appendHexText(dst, pdfTrail+fmt.Sprintf("%010d", pdfTable+pad)+pdfEnd)
}

const (
	zipName  = "placeholder"
	zipEntry = 30 + 46 + 2*len(zipName)
	zipMin   = 22
)

// zip appends an archive with one stored entry. If the entry does not fit, it appends an empty archive with a comment
// (APPNOTE 4.3).
func (p *placeholder) zip(dst []byte, n int) []byte {
	size := n - zipMin - zipEntry
	if size < 0 {
		comment := max(n-zipMin, 0)
		dst = appendHexText(dst, "PK\x05\x06"+zeros15+"\x00")
		dst = appendHexLittle(dst, uint64(comment), 2)
		return p.noise(dst, comment)
	}
	dst = appendHexText(dst, "PK\x03\x04")
	entry := len(dst)
	dst = zipFields(dst, 0, size)
	dst = appendHexText(dst, zipName)
	var crc uint32
	dst, crc = p.pad(dst, size, 0)
	zipFields(dst[:entry], crc, size)
	directory := 30 + len(zipName) + size
	dst = appendHexText(dst, "PK\x01\x02\x14\x00")
	dst = zipFields(dst, crc, size)
	dst = appendHexText(dst, zeros15[:14]+zipName+"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00")
	dst = appendHexLittle(dst, uint64(46+len(zipName)), 4)
	dst = appendHexLittle(dst, uint64(directory), 4)
	return appendHexText(dst, "\x00\x00")
}

// zipFields appends the fields that the local header and the directory share, from the version to the length of the
// extra field. The date is 1980-01-01.
func zipFields(dst []byte, crc uint32, size int) []byte {
	dst = appendHexText(dst, "\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00")
	dst = appendHexLittle(dst, uint64(crc), 4)
	dst = appendHexLittle(dst, uint64(size), 4)
	dst = appendHexLittle(dst, uint64(size), 4)
	dst = appendHexLittle(dst, uint64(len(zipName)), 2)
	return appendHexText(dst, "\x00\x00")
}
