package file

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

var (
	pageObject = regexp.MustCompile(`^/Type\s*/Page[^s\w]`)
	pageTree   = regexp.MustCompile(`^/Type\s*/Pages\b`)
	pageCount  = regexp.MustCompile(`^/Count\s+(\d{1,6})\b`)
	locked     = regexp.MustCompile(`^/Encrypt\s*(\d+\s+\d+\s+R\b|<<)`)
	xrefAt     = regexp.MustCompile(`startxref\s+(\d{1,12})\s`)
)

// pdfReader looks at a PDF (ISO 32000-1) while it passes, in pieces of any length. Of all that a file holds it knows names
// ("/Type") and what follows them: much of a file is noise, in which a name is rare.
type pdfReader struct {
	size int64
	last []byte // the end of what has passed, at most reach bytes, in which no name was looked at yet

	locked, xref, root, trailer bool

	pages   int // objects that are a page
	counted int // the most that a part of the page tree says it counts, which is what its root says
	tree    struct {
		part  bool // what stands since the last ">" is a part of the page tree
		count int  // the most that it says it counts
	}
}

// reach is how far behind a name what belongs to it is looked for, and how far from its end a file says where its index is.
const reach = 2048

// take looks at the next piece.
func (r *pdfReader) take(p []byte) {
	r.size += int64(len(p))
	r.last = slices.Grow(r.last, reach)
	seam := append(r.last, p[:min(len(p), reach)]...)
	r.look(seam, len(seam)-reach)
	if len(p) > reach {
		r.look(p, len(p)-reach)
		seam = p
	}
	r.last = append(r.last[:0], seam[max(0, len(seam)-reach):]...)
}

// look looks at the names that begin in the first n bytes.
func (r *pdfReader) look(body []byte, n int) {
	if n <= 0 {
		return
	}
	since := 0 // where the part of the page tree may have ended
	for at := range names(body[:n]) {
		name := body[at:min(len(body), at+reach)]
		switch {
		case bytes.HasPrefix(name, []byte("/Type")):
			if pageObject.Match(name) {
				r.pages++
			} else if pageTree.Match(name) {
				r.leave(body[since:at])
				r.tree.part, since = true, at
			}
		case bytes.HasPrefix(name, []byte("/Count")):
			if m := pageCount.FindSubmatch(name); m != nil {
				r.leave(body[since:at])
				r.tree.count, since = max(r.tree.count, number(m[1])), at
			}
		case bytes.HasPrefix(name, []byte("/Encrypt")):
			r.locked = r.locked || locked.Match(name)
		case bytes.HasPrefix(name, []byte("/XRef")):
			r.xref = true
		case bytes.HasPrefix(name, []byte("/Root")):
			r.root = true
		}
		if r.tree.part {
			r.counted = max(r.counted, r.tree.count)
		}
	}
	r.leave(body[since:n])
	r.trailer = r.trailer || bytes.Contains(body, []byte("trailer"))
}

// initial are the letters with which names begin that are looked at: much that is noise holds any other.
var initial = [256]bool{'T': true, 'C': true, 'E': true, 'X': true, 'R': true}

// names are the places at which a name can begin that is of use here.
func names(body []byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		for at := 0; ; at++ {
			next := bytes.IndexByte(body[at:], '/')
			if next < 0 {
				return
			}
			at += next
			if at+1 < len(body) && !initial[body[at+1]] {
				continue
			}
			if !yield(at) {
				return
			}
		}
	}
}

// leave forgets the part of the page tree where the bytes since its last name end it.
func (r *pdfReader) leave(since []byte) {
	if (r.tree.part || r.tree.count > 0) && bytes.IndexByte(since, '>') >= 0 {
		r.tree.part, r.tree.count = false, 0
	}
}

// number is a number of at most six digits.
func number(digits []byte) int {
	n, err := strconv.Atoi(string(digits))
	if err != nil {
		panic(err) // an expression found them
	}
	return n
}

// check reports, once all has passed, whether it was a PDF that people can open (7.5: header, cross-reference section or
// stream, trailer, end mark; not encrypted), and its pages where they can be counted without unpacking (0 otherwise). It
// does not repair what readers would.
func (r *pdfReader) check(head []byte) (pages int, err error) {
	r.look(r.last, len(r.last))
	start := bytes.Index(head, []byte("%PDF-"))
	switch {
	case start < 0:
		return 0, fault.New(fault.Invalid, "file.pdf.not")
	case !bytes.Contains(r.last, []byte("%%EOF")) || !r.indexed(start):
		return 0, fault.New(fault.Invalid, "file.pdf.cut")
	case r.locked:
		return 0, fault.New(fault.Invalid, "file.pdf.locked")
	}
	return max(r.pages, r.counted), nil
}

// indexed reports whether the file's last index lies within it and there is a
// catalogue to begin from. Offsets count from the header, which some programs
// write after other bytes.
func (r *pdfReader) indexed(start int) bool {
	all := xrefAt.FindAllSubmatch(r.last, -1)
	if len(all) == 0 {
		return false
	}
	at, err := strconv.ParseInt(string(all[len(all)-1][1]), 10, 64)
	if err != nil || at+int64(start) >= r.size {
		return false
	}
	return (r.trailer || r.xref) && r.root
}
