package web

import (
	"github.com/headwater-platform/headwater/internal/web/account"
	"github.com/headwater-platform/headwater/internal/web/award"
	"github.com/headwater-platform/headwater/internal/web/call"
	"github.com/headwater-platform/headwater/internal/web/council"
	"github.com/headwater-platform/headwater/internal/web/decision"
	"github.com/headwater-platform/headwater/internal/web/exchange"
	"github.com/headwater-platform/headwater/internal/web/home"
	"github.com/headwater-platform/headwater/internal/web/insight"
	"github.com/headwater-platform/headwater/internal/web/outbox"
	"github.com/headwater-platform/headwater/internal/web/proposal"
	"github.com/headwater-platform/headwater/internal/web/record"
	"github.com/headwater-platform/headwater/internal/web/register"
	"github.com/headwater-platform/headwater/internal/web/review"
	"github.com/headwater-platform/headwater/internal/web/scheme"
	"github.com/headwater-platform/headwater/internal/web/similar"
	"github.com/headwater-platform/headwater/internal/web/strategy"
	"github.com/headwater-platform/headwater/internal/web/techmap"
)

// Pages are the rooms' pages; internal/app fills them in.
type Pages struct {
	Home     *home.Pages
	Insight  *insight.Pages
	Similar  *similar.Pages
	Account  *account.Pages
	Call     *call.Pages
	Proposal *proposal.Pages
	Review   *review.Pages
	Scheme   *scheme.Pages
	Decision *decision.Pages
	Award    *award.Pages
	Record   *record.Pages
	Register *register.Pages
	Strategy *strategy.Pages
	Techmap  *techmap.Pages
	Outbox   *outbox.Pages
	Exchange *exchange.Pages
	Council  *council.Pages
}

// Routes lists every page with who may use it. A test walks it: a route that
// the matrix in testdata/access.yaml does not name fails.
func (s *Server) Routes() []Route {
	return []Route{
		// home
		{"GET /{$}", Anyone, s.Home.Front},
		{"GET /home", SignedIn, s.Home.Mine},
		{"GET /about", Anyone, s.Home.About},
		{"GET /help", Anyone, s.Home.Help},
		{"GET /accessibility", Anyone, s.Home.Accessibility},
		{"GET /privacy", Anyone, s.Home.Privacy},
		{"GET /open-data", Anyone, s.Home.OpenData},
		// account
		{"GET /sign-in", Anyone, s.Account.SignInForm},
		{"POST /sign-in", Anyone, s.Account.SignIn},
		{"GET /sign-in/with/{provider}", Anyone, s.Account.With},
		{"GET /sign-in/back/{provider}", Anyone, s.Account.Back},
		{"GET /sign-in/join", Anyone, s.Account.JoinForm},
		{"POST /sign-in/join", Anyone, s.Account.Join},
		{"GET /sign-up", Anyone, s.Account.SignUpForm},
		{"POST /sign-up", Anyone, s.Account.SignUp},
		{"GET /sign-out", Anyone, s.Account.SignOutForm},
		{"POST /sign-out", Anyone, s.Account.SignOut},
		{"GET /recover", Anyone, s.Account.RecoverForm},
		{"POST /recover", Anyone, s.Account.Recover},
		{"GET /mailed", Anyone, s.Account.Mailed},
		{"GET /links/{secret}", Anyone, s.Account.Link},
		{"POST /links/{secret}", Anyone, s.Account.UseLink},
		{"GET /demo", DemoOnly, s.Account.DemoPeople},
		{"POST /demo/{account}", DemoOnly, s.Account.DemoAs},
		{"GET /account", SignedIn, s.Account.Own},
		{"POST /account/settings", SignedIn, s.Account.Settings},
		{"POST /account/password", SignedIn, s.Account.Password},
		{"POST /account/email", SignedIn, s.Account.Email},
		{"POST /account/identities/{id}/end", SignedIn, s.Account.RemoveIdentity},
		{"GET /account/confirm", SignedIn, s.Account.ConfirmForm},
		{"POST /account/confirm", SignedIn, s.Account.Confirm},
		{"GET /account/consents", SignedIn, s.Account.Consents},
		{"POST /account/consents", SignedIn, s.Account.SetConsents},
		{"GET /account/sessions", SignedIn, s.Account.Sessions},
		{"POST /account/sessions/end", SignedIn, s.Account.EndOtherSessions},
		{"POST /account/sessions/{id}/end", SignedIn, s.Account.EndSession},
		{"GET /account/tokens", SignedIn, s.Account.Tokens},
		{"POST /account/tokens", SignedIn, s.Account.NewToken},
		{"POST /account/tokens/{id}/end", SignedIn, s.Account.EndToken},
		{"GET /account/acting", SignedIn, s.Account.Acting},
		{"POST /account/acting", SignedIn, s.Account.Delegate},
		{"POST /account/acting/stop", SignedIn, s.Account.Stop},
		{"POST /account/acting/{id}/accept", SignedIn, s.Account.Accept},
		{"POST /account/acting/{id}/start", SignedIn, s.Account.Start},
		{"POST /account/acting/{id}/end", SignedIn, s.Account.End},
		{"GET /admin/roles", Admins, s.Account.Roles},
		{"GET /admin/roles/{id}", Admins, s.Account.Account},
		{"POST /admin/roles/{id}", Admins, s.Account.Appoint},
		{"POST /admin/roles/{id}/disable", Admins, s.Account.Disable},
		{"POST /admin/roles/{id}/enable", Admins, s.Account.Enable},
		{"POST /admin/roles/{id}/{grant}/end", Admins, s.Account.Revoke},
		{"GET /admin/invite", Admins, s.Account.InviteForm},
		{"POST /admin/invite", Admins, s.Account.Invite},

		// register
		{"GET /organisations", Anyone, s.Register.Organisations},
		{"GET /organisations/new", SignedIn, s.Register.New},
		{"POST /organisations", SignedIn, s.Register.Create},
		{"GET /organisations/{id}", Anyone, s.Register.Organisation},
		{"GET /organisations/{id}/edit", SignedIn, s.Register.Edit},
		{"POST /organisations/{id}/edit", SignedIn, s.Register.Update},
		{"GET /organisations/{id}/merge", SignedIn, s.Register.AskMerge},
		{"POST /organisations/{id}/merge", SignedIn, s.Register.Merge},
		{"GET /organisations/{id}/facilities/new", SignedIn, s.Register.NewFacility},
		{"POST /organisations/{id}/facilities", SignedIn, s.Register.AddFacility},
		{"GET /facilities", Anyone, s.Register.Facilities},
		{"GET /facilities/{id}", Anyone, s.Register.Facility},
		{"GET /facilities/{id}/edit", SignedIn, s.Register.EditFacility},
		{"POST /facilities/{id}/edit", SignedIn, s.Register.UpdateFacility},
		{"GET /people/{id}", Anyone, s.Register.Person},
		{"GET /profile", SignedIn, s.Register.Profile},
		{"POST /profile", SignedIn, s.Register.SaveProfile},
		{"POST /profile/jobs", SignedIn, s.Register.AddJob},
		{"POST /profile/jobs/{id}/end", SignedIn, s.Register.EndJob},
		{"POST /profile/works", SignedIn, s.Register.AddWork},
		{"POST /profile/works/{id}/represent", SignedIn, s.Register.Represent},
		{"POST /profile/works/{id}/remove", SignedIn, s.Register.RemoveWork},
		{"GET /agencies", Anyone, s.Register.Agencies},
		{"GET /agencies/{id}", Anyone, s.Register.Agency},
		{"POST /agencies/{id}/programmes", Staff, s.Register.AddProgramme},
		{"POST /agencies/{id}/budget", Staff, s.Register.AddBudget},

		// strategy
		{"GET /priorities", Anyone, s.Strategy.Tree},
		{"GET /priorities/new", SignedIn, s.Strategy.New},
		{"POST /priorities", SignedIn, s.Strategy.Create},
		{"GET /priorities/{id}", Anyone, s.Strategy.Show},
		{"GET /priorities/{id}/edit", SignedIn, s.Strategy.Edit},
		{"POST /priorities/{id}/edit", SignedIn, s.Strategy.Update},
		{"POST /priorities/{id}/measure", SignedIn, s.Strategy.Measure},
		{"POST /priorities/{id}/links", SignedIn, s.Strategy.Link},
		{"POST /priorities/{id}/links/{kind}/{subject}/end", SignedIn, s.Strategy.Unlink},
		{"GET /needs", Anyone, s.Strategy.Needs},
		{"GET /needs/new", SignedIn, s.Strategy.NewNeed},
		{"POST /needs", SignedIn, s.Strategy.PostNeed},
		{"GET /needs/{id}", Anyone, s.Strategy.Need},
		{"GET /needs/{id}/edit", SignedIn, s.Strategy.EditNeed},
		{"POST /needs/{id}/edit", SignedIn, s.Strategy.MendNeed},
		{"POST /needs/{id}/confirm", SignedIn, s.Strategy.ConfirmNeed},
		{"GET /needs/{id}/end", SignedIn, s.Strategy.AskEnd},
		{"POST /needs/{id}/end", SignedIn, s.Strategy.EndNeed},
		{"GET /questions", Anyone, s.Strategy.Questions},
		{"GET /questions/new", Staff, s.Strategy.NewQuestion},
		{"POST /questions", Staff, s.Strategy.WriteQuestion},
		{"GET /questions/{id}", Anyone, s.Strategy.Question},
		{"GET /questions/{id}/edit", SignedIn, s.Strategy.EditQuestion},
		{"POST /questions/{id}/edit", SignedIn, s.Strategy.UpdateQuestion},

		// council
		{"GET /maps", Anyone, s.Techmap.List},
		{"GET /maps/new", SignedIn, s.Techmap.New},
		{"POST /maps", SignedIn, s.Techmap.Create},
		{"GET /maps/{id}", Anyone, s.Techmap.Show},
		{"GET /maps/{id}/edit", SignedIn, s.Techmap.Edit},
		{"POST /maps/{id}/edit", SignedIn, s.Techmap.Update},
		{"GET /maps/{id}/nodes/new", SignedIn, s.Techmap.NewNode},
		{"POST /maps/{id}/nodes", SignedIn, s.Techmap.SaveNode},
		{"GET /maps/{id}/nodes/{node}", Anyone, s.Techmap.Node},
		{"GET /maps/{id}/nodes/{node}/edit", SignedIn, s.Techmap.EditNode},
		{"POST /maps/{id}/nodes/{node}/edit", SignedIn, s.Techmap.SaveNode},
		{"GET /maps/{id}/nodes/{node}/gates/{gate}", SignedIn, s.Techmap.Gate},
		{"POST /maps/{id}/nodes/{node}/gates/{gate}", SignedIn, s.Techmap.SaveGate},
		{"GET /maps/{id}/nodes/{node}/shares/{provider}", SignedIn, s.Techmap.Share},
		{"POST /maps/{id}/nodes/{node}/shares/{provider}", SignedIn, s.Techmap.SaveShare},
		{"GET /maps/{id}/providers", Anyone, s.Techmap.Providers},
		{"GET /maps/{id}/providers/{provider}", SignedIn, s.Techmap.Provider},
		{"POST /maps/{id}/providers/{provider}", SignedIn, s.Techmap.SaveProvider},
		{"GET /maps/{id}/remove", SignedIn, s.Techmap.AskRemove},
		{"POST /maps/{id}/remove", SignedIn, s.Techmap.Remove},
		{"GET /maps/{id}/finding", Anyone, s.Techmap.Finding},
		{"GET /maps/{id}/work", Anyone, s.Techmap.Work},
		{"GET /maps/{id}/changes", Anyone, s.Techmap.Changes},
		{"GET /maps/{id}/data/{file}", Anyone, s.Techmap.Data},
		{"GET /maps/{id}/import", SignedIn, s.Techmap.AskImport},
		{"POST /maps/{id}/import", SignedIn, s.Techmap.Import},
		{"GET /maps/{id}/question", Staff, s.Techmap.NewQuestion},
		{"POST /maps/{id}/question", Staff, s.Techmap.WriteQuestion},
		{"POST /maps/{id}/nodes/{node}/links", SignedIn, s.Techmap.Link},
		{"POST /maps/{id}/nodes/{node}/links/{kind}/{subject}/end", SignedIn, s.Techmap.Unlink},
		{"GET /advice", Anyone, s.Council.List},
		{"GET /advice/new", Staff, s.Council.New},
		{"POST /advice", Staff, s.Council.Ask},
		{"GET /advice/{id}", Anyone, s.Council.Show},
		{"POST /advice/{id}/advisers", Staff, s.Council.Add},
		{"POST /advice/{id}/answer", SignedIn, s.Council.Answer},
		{"POST /advice/{id}/decline", SignedIn, s.Council.Decline},
		{"POST /advice/{id}/close", Staff, s.Council.Close},
		{"POST /advice/{id}/follow", Staff, s.Council.Follow},
		{"GET /bodies", Anyone, s.Council.Bodies},
		{"GET /bodies/new", Staff, s.Council.NewBody},
		{"POST /bodies", Staff, s.Council.FormBody},
		{"GET /bodies/{id}", Anyone, s.Council.Body},
		{"GET /bodies/{id}/edit", Staff, s.Council.EditBody},
		{"POST /bodies/{id}/edit", Staff, s.Council.ReformBody},
		{"POST /bodies/{id}/seats", Staff, s.Council.Seat},
		{"POST /bodies/{id}/seats/{seat}/end", Staff, s.Council.EndSeat},
		{"POST /bodies/{id}/interests", SignedIn, s.Council.Declare},
		{"POST /bodies/{id}/meetings", SignedIn, s.Council.PlanMeeting},
		{"GET /council-meetings/{id}", SignedIn, s.Council.Meeting},
		{"POST /council-meetings/{id}/state", SignedIn, s.Council.Move},
		{"POST /council-meetings/{id}/present", SignedIn, s.Council.Attend},
		{"GET /council-meetings/{id}/minutes", SignedIn, s.Council.Minutes},
		{"POST /council-meetings/{id}/minutes", SignedIn, s.Council.Approve},
		{"POST /council-meetings/{id}/minutes/correct", SignedIn, s.Council.Correct},
		{"GET /council-meetings/{id}/items/new", SignedIn, s.Council.NewItem},
		{"POST /council-meetings/{id}/items", SignedIn, s.Council.AddItem},
		{"GET /council-items/{id}", SignedIn, s.Council.Item},
		{"GET /council-items/{id}/edit", SignedIn, s.Council.EditItem},
		{"POST /council-items/{id}/edit", SignedIn, s.Council.MendItem},
		{"POST /council-items/{id}/records", SignedIn, s.Council.Lay},
		{"POST /council-items/{id}/recusals", SignedIn, s.Council.Recuse},
		{"POST /council-items/{id}/vote", SignedIn, s.Council.Vote},
		{"POST /council-items/{id}/ballot", SignedIn, s.Council.Cast},
		{"POST /council-items/{id}/notes", SignedIn, s.Council.Note},
		{"POST /council-items/{id}/conditions", SignedIn, s.Council.Require},
		{"POST /council-items/{id}/advice", SignedIn, s.Council.CiteOnItem},
		{"GET /council-conditions/{id}", SignedIn, s.Council.Condition},
		{"POST /council-conditions/{id}", SignedIn, s.Council.Settle},
		{"GET /agreements", SignedIn, s.Council.Agreements},
		{"GET /agreements/{id}", SignedIn, s.Council.Agreement},
		{"POST /agreements/{id}/answer", Staff, s.Council.AnswerCase},
		{"POST /agreements/{id}/again", Staff, s.Council.AskAgain},
		{"POST /agreements/{id}/withdraw", Staff, s.Council.WithdrawCase},
		{"GET /decisions/{id}/agreement", Staff, s.Council.Refer},
		{"POST /decisions/{id}/agreement", Staff, s.Council.SendRefer},
		{"GET /decisions/{id}/advice", Staff, s.Council.CiteForm},
		{"POST /decisions/{id}/advice", Staff, s.Council.Cite},

		// scheme
		{"GET /schemes", Anyone, s.Scheme.List},
		{"GET /schemes/{scheme}", Anyone, s.Scheme.Show},
		{"GET /schemes/{scheme}/compare", Anyone, s.Scheme.Compare},
		{"GET /schemes/{scheme}/edit", SignedIn, s.Scheme.Edit},
		{"POST /schemes/{scheme}/edit", SignedIn, s.Scheme.Update},

		// call
		{"GET /calls", Anyone, s.Call.List},
		{"POST /calls", Staff, s.Call.Create},
		{"GET /calls.ics", Anyone, s.Call.Calendar},
		{"GET /calls.atom", Anyone, s.Call.Feed},
		{"GET /calls/{id}/calendar", Anyone, s.Call.CallCalendar},
		{"GET /calls/{id}/feed", Anyone, s.Call.CallFeed},
		{"GET /calls/new", Staff, s.Call.New},
		{"GET /calls/{id}", Anyone, s.Call.Show},
		{"GET /calls/{id}/edit", Staff, s.Call.Edit},
		{"POST /calls/{id}/edit", Staff, s.Call.Update},
		{"GET /calls/{id}/publish", Staff, s.Call.AskPublish},
		{"POST /calls/{id}/publish", Staff, s.Call.Publish},
		{"GET /calls/{id}/amend", Staff, s.Call.AskAmend},
		{"POST /calls/{id}/amend", Staff, s.Call.Amend},
		{"GET /calls/{id}/cancel", Staff, s.Call.AskCancel},
		{"POST /calls/{id}/cancel", Staff, s.Call.Cancel},
		{"GET /calls/{id}/extend", Staff, s.Call.AskExtend},
		{"POST /calls/{id}/extend", Staff, s.Call.Extend},

		// proposal
		{"POST /calls/{id}/begin", SignedIn, s.Proposal.Begin},
		{"GET /calls/{id}/proposals", SignedIn, s.Proposal.OfCall},
		{"GET /proposals", SignedIn, s.Proposal.Mine},
		{"GET /proposals/{id}", SignedIn, s.Proposal.Show},
		{"GET /proposals/{id}/parts/{section}", SignedIn, s.Proposal.Section},
		{"POST /proposals/{id}/parts/{section}", SignedIn, s.Proposal.Save},
		{"GET /proposals/{id}/files/{ref}", SignedIn, s.Proposal.File},
		{"POST /proposals/{id}/files/{field}", SignedIn, s.Proposal.Attach},
		{"POST /proposals/{id}/files/{field}/remove", SignedIn, s.Proposal.Detach},
		{"GET /proposals/{id}/check", SignedIn, s.Proposal.Checks},
		{"GET /proposals/{id}/reuse", SignedIn, s.Proposal.Reuse},
		{"POST /proposals/{id}/reuse", SignedIn, s.Proposal.TakeOver},
		{"GET /proposals/{id}/team", SignedIn, s.Proposal.Team},
		{"POST /proposals/{id}/team/parts", SignedIn, s.Proposal.Arrange},
		{"POST /proposals/{id}/team/{member}/remove", SignedIn, s.Proposal.Remove},
		{"POST /proposals/{id}/team", SignedIn, s.Proposal.Invite},
		{"GET /proposals/{id}/invitation", SignedIn, s.Proposal.Invitation},
		{"POST /proposals/{id}/invitation", SignedIn, s.Proposal.Answer},
		{"POST /proposals/{id}/submit", SignedIn, s.Proposal.Submit},
		{"GET /proposals/{id}/withdraw", SignedIn, s.Proposal.AskWithdraw},
		{"POST /proposals/{id}/withdraw", SignedIn, s.Proposal.Withdraw},
		{"POST /proposals/{id}/approvals", SignedIn, s.Proposal.AskApproval},
		{"GET /proposals/{id}/approval", SignedIn, s.Proposal.Approval},
		{"POST /proposals/{id}/approval", SignedIn, s.Proposal.Approve},
		{"GET /proposals/{id}/read", SignedIn, s.Proposal.Read},
		{"GET /proposals/{id}/versions", SignedIn, s.Proposal.Versions},
		{"GET /proposals/{id}/receipt", SignedIn, s.Proposal.Receipt},
		{"GET /proposals/{id}/receipt.txt", SignedIn, s.Proposal.ReceiptText},

		// review
		{"GET /reviews", SignedIn, s.Review.Mine},
		{"GET /reviews/{id}", SignedIn, s.Review.Show},
		{"POST /reviews/{id}", SignedIn, s.Review.Save},
		{"POST /reviews/{id}/answer", SignedIn, s.Review.Answer},
		{"GET /reviews/{id}/files/{ref}", SignedIn, s.Review.File},
		{"GET /answer/{secret}", Anyone, s.Review.ByTicket},
		{"POST /answer/{secret}", Anyone, s.Review.AnswerByTicket},
		{"GET /proposals/{id}/reviews", SignedIn, s.Review.OfProposal},
		{"GET /proposals/{id}/similar", SignedIn, s.Similar.Of},
		{"POST /proposals/{id}/similar", Staff, s.Similar.Judge},
		{"POST /proposals/{id}/reviews", Staff, s.Review.Invite},
		{"POST /reviews/{id}/cancel", Staff, s.Review.Cancel},
		{"GET /calls/{id}/assignment", SignedIn, s.Review.Assign},
		{"POST /calls/{id}/assignment", Staff, s.Review.Suggest},
		{"GET /calls/{id}/assignment.csv", SignedIn, s.Review.AssignCSV},
		{"GET /calls/{id}/assignment/apply", Staff, s.Review.AskApply},
		{"POST /calls/{id}/assignment/apply", Staff, s.Review.Apply},
		{"GET /calls/{id}/assignment/undo", Staff, s.Review.AskUndo},
		{"POST /calls/{id}/assignment/undo", Staff, s.Review.Undo},
		{"GET /calls/{id}/assignment/people", SignedIn, s.Review.People},
		{"GET /calls/{id}/assignment/{proposal}", SignedIn, s.Review.Candidates},
		{"POST /calls/{id}/assignment/{proposal}", Staff, s.Review.Wish},
		{"GET /calls/{id}/pool", SignedIn, s.Review.Pool},
		{"POST /calls/{id}/pool", Staff, s.Review.AddToPool},
		{"POST /calls/{id}/pool/{person}", Staff, s.Review.ChangePool},

		// decision
		{"GET /decisions", SignedIn, s.Decision.List},
		{"GET /calls/{id}/decision", Staff, s.Decision.AskBegin},
		{"POST /calls/{id}/decision", Staff, s.Decision.Begin},
		{"GET /decisions/{id}", SignedIn, s.Decision.Show},
		{"GET /decisions/{id}/scores", SignedIn, s.Decision.Scores},
		{"GET /decisions/{id}/meeting", SignedIn, s.Decision.Meeting},
		{"GET /decisions/{id}/meeting/stamp", SignedIn, s.Decision.Stamp},
		{"POST /decisions/{id}/seats", Staff, s.Decision.Sit},
		{"POST /decisions/{id}/seats/{person}/leave", Staff, s.Decision.Leave},
		{"POST /decisions/{id}/scenarios", SignedIn, s.Decision.SaveScenario},
		{"GET /decisions/{id}/scenarios/{scenario}", SignedIn, s.Decision.Scenario},
		{"POST /decisions/{id}/scenarios/{scenario}", Staff, s.Decision.Apply},
		{"GET /decisions/{id}/rows/{proposal}", SignedIn, s.Decision.Row},
		{"POST /decisions/{id}/rows/{proposal}/risk", SignedIn, s.Decision.Risk},
		{"POST /decisions/{id}/rows/{proposal}/conflict", SignedIn, s.Decision.Recuse},
		{"POST /decisions/{id}", Staff, s.Decision.Save},
		{"POST /decisions/{id}/sign", Staff, s.Decision.Sign},
		{"GET /decisions/{id}/items/{proposal}", SignedIn, s.Decision.Money},
		{"POST /decisions/{id}/items/{proposal}", Staff, s.Decision.SaveMoney},
		{"POST /decisions/{id}/correct", Staff, s.Decision.Correct},
		{"POST /decisions/{id}/appeals/{appeal}", Staff, s.Decision.AnswerAppeal},
		{"GET /proposals/{id}/letter", SignedIn, s.Decision.Letter},
		{"POST /proposals/{id}/appeal", SignedIn, s.Decision.Appeal},

		// award and result
		{"GET /awards", Anyone, s.Award.List},
		{"GET /awards.csv", Anyone, s.Award.CSV},
		{"GET /awards.json", Anyone, s.Award.JSON},
		{"GET /awards/{id}", Anyone, s.Award.One},
		{"GET /my-awards", SignedIn, s.Award.Mine},
		{"GET /awards/{id}/report", SignedIn, s.Award.Report},
		{"POST /awards/{id}/report", SignedIn, s.Award.SubmitReport},
		{"POST /awards/{id}/results", SignedIn, s.Award.AddResult},
		{"POST /awards/{id}/accept", Staff, s.Award.Accept},
		{"POST /awards/{id}/milestones", SignedIn, s.Award.AddMilestone},
		{"POST /awards/{id}/milestones/{milestone}", SignedIn, s.Award.SetMilestone},
		{"GET /payments", SignedIn, s.Award.Payments},
		{"POST /payments", SignedIn, s.Award.Pay},
		{"GET /payments.csv", SignedIn, s.Award.PaymentsCSV},
		{"POST /payments/export", SignedIn, s.Award.Export},
		{"GET /results", Anyone, s.Award.Results},

		// insight
		{"GET /figures", Anyone, s.Insight.Show},

		// ledger
		{"GET /ledger", Auditors, s.Record.Entries},
		{"POST /ledger/verify", Auditors, s.Record.Verify},
		{"GET /ledger/heads", Anyone, s.Record.Heads},
		{"GET /ledger/keys", Anyone, s.Record.Keys},

		// mails: everybody's in the demonstration, else one's own
		{"GET /outbox", Anyone, s.Outbox.List},
		{"GET /outbox/{id}", Anyone, s.Outbox.Read},
		{"GET /find/people", SignedIn, s.Record.FindPeople},
		{"GET /find/organisations", Anyone, s.Record.FindOrganisations},

		// exchange
		{"GET /imports", Admins, s.Exchange.List},
		{"GET /imports/{id}", Admins, s.Exchange.One},
		{"POST /imports/{id}/check", Admins, s.Exchange.Check},
	}
}
