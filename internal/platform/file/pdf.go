package file

import (
	"bytes"
	"regexp"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

var (
	pageObject = regexp.MustCompile(`/Type\s*/Page[^s\w]`)
	pageCount  = regexp.MustCompile(`/Type\s*/Pages\b[^>]*?/Count\s+(\d{1,6})\b|/Count\s+(\d{1,6})\b[^>]*?/Type\s*/Pages\b`)
	locked     = regexp.MustCompile(`/Encrypt\s*(\d+\s+\d+\s+R\b|<<)`)
	xrefAt     = regexp.MustCompile(`startxref\s+(\d{1,12})\s`)
)

// checkPDF reports whether body is a PDF that people can open (ISO 32000-1, 7.5:
// header, cross-reference section or stream, trailer, end mark; not encrypted), and its
// pages where they can be counted without unpacking (0 otherwise). It does not
// repair what readers would.
func checkPDF(body []byte) (pages int, err error) {
	start := bytes.Index(body[:min(len(body), 1024)], []byte("%PDF-"))
	if start < 0 {
		return 0, fault.New(fault.Invalid, "file.pdf.not")
	}
	tail := body[max(0, len(body)-2048):]
	if !bytes.Contains(tail, []byte("%%EOF")) || !indexed(body, tail, start) {
		return 0, fault.New(fault.Invalid, "file.pdf.cut")
	}
	if locked.Match(body) {
		return 0, fault.New(fault.Invalid, "file.pdf.locked")
	}
	return max(len(pageObject.FindAll(body, -1)), counted(body)), nil
}

// counted is the most that a part of the page tree says it counts, which is what its root says. A match of pageCount has no ">" in it,
// so that it is enough to look between these around each "/Pages": the expression is slow, and much of a body is noise to it.
func counted(body []byte) (pages int) {
	name := []byte("/Pages")
	for at := bytes.Index(body, name); at >= 0; at = bytes.Index(body, name) {
		end := len(body)
		if next := bytes.IndexByte(body[at:], '>'); next >= 0 {
			end = at + next
		}
		for _, m := range pageCount.FindAllSubmatch(body[bytes.LastIndexByte(body[:at], '>')+1:end], -1) {
			if n, err := strconv.Atoi(string(m[1]) + string(m[2])); err == nil {
				pages = max(pages, n)
			}
		}
		body = body[end:]
	}
	return pages
}

// indexed reports whether the file's last index lies within it and there is a
// catalogue to begin from. Offsets count from the header, which some programs
// write after other bytes.
func indexed(body, tail []byte, start int) bool {
	all := xrefAt.FindAllSubmatch(tail, -1)
	if len(all) == 0 {
		return false
	}
	at, err := strconv.Atoi(string(all[len(all)-1][1]))
	if err != nil || at+start >= len(body) {
		return false
	}
	says := func(word string) bool { // near the end in most files
		return bytes.Contains(tail, []byte(word)) || bytes.Contains(body, []byte(word))
	}
	return (says("trailer") || says("/XRef")) && says("/Root")
}
