package api

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

type batchBody struct {
	Size int64     `json:"size" doc:"Entries in the ledger then"`
	Root string    `json:"root"`
	At   time.Time `json:"at"`
	Note string    `json:"note,omitempty" doc:"The signed head"`
}

type headsOut struct {
	Body struct {
		Head    string      `json:"head" doc:"The newest signed head; keep it elsewhere to check against it."`
		Batches []batchBody `json:"batches" doc:"The newest first"`
	}
}

func (a *API) ledgerHeads(ctx context.Context, _ access.Actor, _ *none) (*headsOut, error) {
	list, err := a.Ledger.Batches(ctx, pageSize)
	if err != nil {
		return nil, err
	}
	out := &headsOut{}
	out.Body.Batches = make([]batchBody, 0, len(list))
	for _, b := range list {
		out.Body.Batches = append(out.Body.Batches, batchBody{b.Size, b.Root, b.At, b.Note})
	}
	out.Body.Head, err = a.Ledger.Head(ctx)
	return out, err
}

type keysOut struct {
	Body struct {
		Keys []string `json:"keys" doc:"Verifier keys of signed notes, of all times, the newest first"`
	}
}

func (a *API) ledgerKeys(ctx context.Context, _ access.Actor, _ *none) (*keysOut, error) {
	keys, err := a.Ledger.Keys(ctx)
	out := &keysOut{}
	out.Body.Keys = append([]string{}, keys...)
	return out, err
}

type entryBody struct {
	ID         string    `json:"id"`
	Position   int64     `json:"position"`
	At         time.Time `json:"at"`
	Actor      string    `json:"actor" doc:"Pseudonym"`
	Behalf     string    `json:"on_behalf_of,omitempty" doc:"Pseudonym"`
	Act        string    `json:"act"`
	Kind       string    `json:"kind"`
	Subject    string    `json:"subject"`
	Agency     string    `json:"agency_id,omitempty"`
	Commitment string    `json:"commitment" doc:"hex SHA-256(salt ‖ payload)"`
	Leaf       string    `json:"leaf"`
	Erased     bool      `json:"erased"`
}

func (a *API) ledgerEntries(ctx context.Context, _ access.Actor, in *AfterIn) (*listOf[entryBody], error) {
	before := int64(0)
	if in.After != "" {
		var err error
		if before, err = strconv.ParseInt(in.After, 10, 64); err != nil || before < 1 {
			return nil, fault.New(fault.Invalid, "api.cursor").At(inQuery + "after")
		}
	}
	list, err := a.Ledger.Latest(ctx, before, pageSize)
	var out []entryBody
	for _, e := range list {
		out = append(out, entryBody{e.ID, e.Position, e.At, e.Actor, e.Behalf, e.Act, e.Kind, e.Subject, e.Agency, e.Commitment, e.Leaf, e.Erased})
	}
	page := items(out)
	if n := len(out); n == pageSize && out[n-1].Position > 0 {
		page.Body.Next = strconv.FormatInt(out[n-1].Position, 10)
	}
	return page, err
}

type verifyIn struct {
	Body struct {
		Head string `json:"head,omitempty" doc:"A signed head that was kept elsewhere"`
	}
}

type findingBody struct {
	Position int64  `json:"position" doc:"-1 where it is not about one entry"`
	Entry    string `json:"entry,omitempty"`
	What     string `json:"what"`
}

type verifyOut struct {
	Body struct {
		OK       bool          `json:"ok"`
		Entries  int64         `json:"entries"`
		Waiting  int64         `json:"waiting"`
		Erased   int64         `json:"erased"`
		Batches  int64         `json:"batches"`
		Head     string        `json:"head"`
		Problems []findingBody `json:"problems"`
	}
}

func (a *API) ledgerVerify(ctx context.Context, _ access.Actor, in *verifyIn) (*verifyOut, error) {
	r, err := a.Ledger.Verify(ctx, in.Body.Head)
	if errors.Is(err, ledger.ErrSignature) {
		return nil, fault.Field("head", "api.head")
	}
	if err != nil {
		return nil, err
	}
	out := &verifyOut{}
	b := &out.Body
	b.OK, b.Entries, b.Waiting, b.Erased, b.Batches, b.Head, b.Problems = r.OK(), r.Entries, r.Waiting, r.Erased, r.Batches, r.Head, []findingBody{}
	for _, p := range r.Problems {
		b.Problems = append(b.Problems, findingBody(p))
	}
	return out, nil
}

type receiptIn struct {
	Body struct {
		Receipt string `json:"receipt" maxLength:"20000" doc:"The signed text of the receipt"`
	}
}

type receiptCheckOut struct {
	Body struct {
		Valid     bool       `json:"valid"`
		EntryID   string     `json:"entry_id,omitempty"`
		Kind      string     `json:"kind,omitempty"`
		Subject   string     `json:"subject,omitempty"`
		Content   string     `json:"content_sha256,omitempty"`
		FirstByte *time.Time `json:"first_byte_at,omitempty"`
		Recorded  *time.Time `json:"recorded_at,omitempty"`
		Sealed    bool       `json:"sealed" doc:"Its place in the ledger is proved."`
	}
}

func (a *API) receiptVerify(ctx context.Context, _ access.Actor, in *receiptIn) (*receiptCheckOut, error) {
	keys, err := a.Ledger.Keys(ctx)
	if err != nil {
		return nil, err
	}
	out := &receiptCheckOut{}
	r, err := ledger.VerifyReceipt(in.Body.Receipt, keys)
	if err != nil {
		return out, nil // not valid is the answer, whatever is wrong with it
	}
	b := &out.Body
	b.Valid, b.EntryID, b.Kind, b.Subject, b.Content, b.FirstByte, b.Recorded, b.Sealed = true, r.EntryID, r.Kind, r.Subject, r.Content, when(r.FirstByte), when(r.Recorded), r.Sealed
	return out, nil
}
