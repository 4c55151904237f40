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
	pages = len(pageObject.FindAll(body, -1))
	for _, m := range pageCount.FindAllSubmatch(body, -1) { // the root of the page tree counts the most
		if n, err := strconv.Atoi(string(m[1]) + string(m[2])); err == nil {
			pages = max(pages, n)
		}
	}
	return pages, nil
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
	return (bytes.Contains(body, []byte("trailer")) || bytes.Contains(body, []byte("/XRef"))) && bytes.Contains(body, []byte("/Root"))
}
