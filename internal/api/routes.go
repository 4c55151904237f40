package api

// Services are the rooms that the operations call; internal/app fills them in.
type Services struct {
}

// routes lists every operation with who may use it. A test walks the list: an
// operation that the matrix does not name fails.
func (a *API) routes() {
	// account

	// register

	// strategy

	// scheme

	// call

	// proposal

	// review

	// decision

	// award and result

	// insight

	// ledger

	// exchange
}
