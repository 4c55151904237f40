package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// applicant is one signed-in person with a draft.
type applicant struct {
	actor    access.Actor
	secret   string // of the session's cookie
	proposal string
	version  int64 // of the approach, as last acknowledged
	sent     int   // autosaves sent so far
	kept     int   // number of the last autosave that was acknowledged
}

// refusal is an answer that is not the one that was hoped for.
type refusal struct {
	status int
	answer string
}

func (r refusal) Error() string { return fmt.Sprintf("status %d: %.200s", r.status, r.answer) }

// What a script's form is sent in.
const (
	boundary = "storm-7d1f40c2"
	partHead = "--" + boundary + "\r\nContent-Disposition: form-data; name=\""
)

const (
	formType = "application/x-www-form-urlencoded"
	fileType = "application/octet-stream\r\nContent-Disposition: attachment; filename*=UTF-8''plan.pdf" // as the page's script says it
)

// save sends the draft's long text once, as the page's script does, and notes what
// was acknowledged. Where the server has kept another version (an answer was
// lost on the way), that version is adopted and the saving counts as refused.
func (p *applicant) save(c poster, text []byte) error {
	p.sent++
	body := make([]byte, 0, len(text)+400)
	body = fmt.Appendf(body, partHead+"v_approach\"\r\n\r\n%d\r\n", p.version)
	body = fmt.Appendf(body, partHead+"approach\"\r\n\r\n%d of %s: %s\r\n--"+boundary+"--\r\n", p.sent, p.proposal, text)
	status, answer, err := c.post("/proposals/"+p.proposal+"/parts/plan", p.secret, "multipart/form-data; boundary="+boundary, body)
	if err != nil {
		return err
	}
	var saved struct {
		Versions map[string]int64
		Kept     []json.RawMessage
	}
	if status != http.StatusOK || json.Unmarshal(answer, &saved) != nil || saved.Versions["approach"] == 0 {
		return refusal{status, string(answer)}
	}
	p.version = saved.Versions["approach"]
	if len(saved.Kept) > 0 {
		return refusal{status, string(answer)}
	}
	p.kept = p.sent
	return nil
}

// handIn attaches the plan as the page's script does, and submits.
func (p *applicant) handIn(c poster, upload []byte) error {
	return p.attachAndSubmit(c, fileType, upload)
}

// handInForm attaches the plan as a page without script does, which earlier programs understand too, and submits.
func (p *applicant) handInForm(c poster, upload []byte) error {
	form, kind, err := uploadForm(upload)
	if err != nil {
		return err
	}
	return p.attachAndSubmit(c, kind, form)
}

func (p *applicant) attachAndSubmit(c poster, kind string, body []byte) error {
	if err := p.step(c, "/files/plan_file?part=plan", kind, body); err != nil {
		return err
	}
	return p.step(c, "/submit", formType, nil)
}

func (p *applicant) step(c poster, path, kind string, body []byte) error {
	status, answer, err := c.post("/proposals/"+p.proposal+path, p.secret, kind, body)
	if err == nil && status != http.StatusSeeOther {
		err = refusal{status, string(answer)}
	}
	return err
}

// uploadForm is a form that sends a file, with its media type.
func uploadForm(content []byte) (form []byte, kind string, err error) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", "plan.pdf")
	if err == nil {
		_, err = part.Write(content)
	}
	err = errors.Join(err, m.Close())
	return b.Bytes(), m.FormDataContentType(), err
}

// filler is n bytes of words.
func filler(rnd *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		for range 2 + rnd.IntN(9) {
			b.WriteByte(byte('a' + rnd.IntN(26)))
		}
		b.WriteByte(' ')
	}
	return b.Bytes()[:n]
}

// document is a PDF of some n bytes that no other is equal to.
func document(seed uint64, n int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n3 0 obj\n")
	fmt.Fprintf(&b, "<< /Length %d >>\nstream\n", n)
	noise := make([]byte, n)
	rnd := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1})
	_, _ = rnd.Read(noise) // never fails
	b.Write(noise)
	b.WriteString("\nendstream\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")
	return b.Bytes()
}

// newEnough reports whether a stored text is the last acknowledged one of an
// applicant, or one sent after it whose answer was lost on the way.
func newEnough(text string, p *applicant) bool {
	if p.kept == 0 {
		return true
	}
	var n int
	if _, err := fmt.Sscanf(text, "%d of ", &n); err != nil {
		return false
	}
	return n >= p.kept && n <= p.sent && strings.Contains(text[:80], p.proposal) && len(text) >= draftBytes-100
}
