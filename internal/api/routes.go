package api

import (
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/insight"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/once"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/similar"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// Services are the rooms that the operations call; internal/app fills them in.
type Services struct {
	Accounts  *account.Service
	Register  *register.Service
	Schemes   *scheme.Service
	Strategy  *strategy.Service
	Maps      *techmap.Service
	Council   *council.Service
	Calls     *call.Service
	Proposals *proposal.Service
	Reviews   *review.Service
	Panels    *panel.Service
	Decisions *decision.Service
	Awards    *award.Service
	Insight   *insight.Service
	Similar   *similar.Service
	Exchange  *exchange.Service
	Retention *retention.Service
	Ledger    *ledger.Ledger
	Address   string // of the installation, for links
	Once      *once.Keeper
}

// routes lists every operation with who may use it. A test walks the list: an
// operation that the matrix does not name fails.
func (a *API) routes() {
	// account
	add(a, "GET /me", SignedIn, "Read who you are, with your roles", a.me)
	add(a, "PUT /me/settings", SignedIn, "Change your language, time zone and agency", a.meSettings)
	add(a, "GET /me/sessions", SignedIn, "List where you are signed in", a.meSessions)
	add(a, "DELETE /me/sessions", SignedIn, "End every session, or every one but the one that you name", a.meSessionsEnd)
	add(a, "DELETE /me/sessions/{id}", SignedIn, "End a session", a.meSessionEnd)
	add(a, "GET /me/data-requests", SignedIn, "List what you asked for about your own data", a.requestMine)
	add(a, "POST /me/data-requests", SignedIn, "Ask for a copy, a correction or the erasure of your own data", a.requestNew)
	add(a, "GET /me/data-requests/{id}/archive", SignedIn, "Get the copy of your own data that you asked for", a.requestArchive, bytesOut, fresh)
	add(a, "GET /me/tokens", SignedIn, "List your tokens", a.meTokens)
	add(a, "POST /me/tokens", SignedIn, "Make a token; it is shown this once", a.meTokenNew, secret, fresh)
	add(a, "DELETE /me/tokens/{id}", SignedIn, "End a token", a.meTokenEnd)
	add(a, "GET /me/consents", SignedIn, "List what you agree to", a.meConsents)
	add(a, "PUT /me/consents", SignedIn, "Set what you agree to", a.meConsentsSet)
	add(a, "GET /me/delegations", SignedIn, "List whom you may act for, and who may act for you", a.meDelegations)
	add(a, "POST /me/delegations", SignedIn, "Ask somebody to act for you", a.meDelegate, fresh)
	add(a, "POST /me/delegations/{id}/accept", SignedIn, "Accept to act for somebody", a.meDelegationAccept)
	add(a, "DELETE /me/delegations/{id}", SignedIn, "End a delegation", a.meDelegationEnd)
	add(a, "GET /accounts", Admins, "Find accounts", a.accountList)
	add(a, "GET /accounts/{id}", Admins, "Read an account with its roles", a.accountGet)
	add(a, "POST /accounts/{id}/roles", Admins, "Give a role", a.roleGive, fresh)
	add(a, "DELETE /accounts/{id}/roles/{role}", Admins, "End a role", a.roleEnd)
	add(a, "PUT /accounts/{id}/disabled", Admins, "Keep an account out, or let it in again", a.accountDisabled)
	add(a, "POST /invitations", Admins, "Invite somebody to make an account", a.invite, fresh)

	// register
	add(a, "GET /organisations", Anyone, "Find organisations, with how many there are of each kind and country", a.organisationList)
	add(a, "POST /organisations", SignedIn, "Add an organisation", a.organisationNew)
	add(a, "GET /organisations/{id}", Anyone, "Read an organisation; one that was merged gives the one it leads to", a.organisationGet)
	add(a, "PUT /organisations/{id}", SignedIn, "Write an organisation anew", a.organisationEdit)
	add(a, "GET /organisations/{id}/doubles", SignedIn, "List organisations that may be the same", a.organisationDoubles)
	add(a, "POST /organisations/{id}/merge", SignedIn, "Let an organisation lead to another; dry_run tells what would be done", a.organisationMerge)
	add(a, "POST /organisations/{id}/unmerge", SignedIn, "Take a merger back: the organisation stands for itself again", a.organisationUnmerge)
	add(a, "POST /organisations/{id}/split", SignedIn, "Note that an organisation was divided", a.organisationSplit)
	add(a, "POST /organisations/{id}/facilities", SignedIn, "Add a facility", a.facilityNew)
	add(a, "GET /facilities", Anyone, "List facilities", a.facilityList)
	add(a, "GET /facilities/{id}", Anyone, "Read a facility", a.facilityGet)
	add(a, "PUT /facilities/{id}", SignedIn, "Write a facility anew", a.facilityEdit)
	add(a, "GET /people", SignedIn, "Find people by name", a.peopleFind)
	add(a, "GET /people/{id}", Anyone, "Read what a person lets you see", a.personGet)
	add(a, "GET /me/profile", SignedIn, "Read your profile", a.profileGet)
	add(a, "PUT /me/profile", SignedIn, "Write your profile, and to whom each field is shown", a.profileSave)
	add(a, "POST /me/profile/jobs", SignedIn, "Add where you work", a.jobNew)
	add(a, "PUT /me/profile/jobs/{id}/until", SignedIn, "Set the last day of a job", a.jobEnd)
	add(a, "POST /me/profile/works", SignedIn, "Add a work", a.workNew)
	add(a, "PUT /me/profile/works/{id}/representative", SignedIn, "Choose a work as one of five, or no longer", a.workRepresent)
	add(a, "DELETE /me/profile/works/{id}", SignedIn, "Take a work off your profile", a.workRemove)
	add(a, "GET /me/relations", SignedIn, "List what you said others are to you, for conflicts of interest", a.relationList)
	add(a, "POST /me/relations", SignedIn, "Say that somebody is your adviser, advisee or family", a.relationNew)
	add(a, "DELETE /me/relations/{id}", SignedIn, "Take such a statement back", a.relationRemove)
	add(a, "GET /agencies", Anyone, "List the agencies", a.agencyList)
	add(a, "GET /agencies/{id}", Anyone, "Read an agency, with programmes and budget; by key or by slug", a.agencyGet)
	add(a, "POST /agencies/{id}/programmes", Staff, "Add a programme", a.programmeNew)
	add(a, "POST /agencies/{id}/budget", Staff, "Add a budget line", a.budgetNew)

	// strategy
	add(a, "GET /priorities", Anyone, "List goals, areas and tasks in the order of their numbers", a.priorityList)
	add(a, "POST /priorities", SignedIn, "Add a goal, an area of a goal or a task of an area", a.priorityNew)
	add(a, "GET /priorities/{id}", Anyone, "Read a priority with what is below and linked to it", a.priorityGet)
	add(a, "PUT /priorities/{id}", SignedIn, "Write a priority anew", a.priorityEdit)
	add(a, "POST /priorities/{id}/measure", SignedIn, "Write what a priority has reached, with its source", a.priorityMeasure)
	add(a, "PUT /priorities/{id}/links/{kind}/{subject}", SignedIn, "Link a call, an award or a question to a priority", a.priorityLink)
	add(a, "DELETE /priorities/{id}/links/{kind}/{subject}", SignedIn, "Take a link away", a.priorityUnlink)
	add(a, "GET /needs", Anyone, "List needs, the newest first", a.needList)
	add(a, "POST /needs", SignedIn, "Post a need", a.needNew)
	add(a, "GET /needs/{id}", Anyone, "Read a need with the questions written from it", a.needGet)
	add(a, "PUT /needs/{id}", SignedIn, "Write a need anew", a.needEdit)
	add(a, "POST /needs/{id}/confirm", SignedIn, "Say that a need still stands", a.needConfirm)
	add(a, "POST /needs/{id}/end", SignedIn, "Mark a need as met or closed", a.needEnd)
	add(a, "GET /questions", Anyone, "List research questions, the newest first", a.questionList)
	add(a, "POST /questions", Staff, "Write a question, from a need or free", a.questionNew)
	add(a, "GET /questions/{id}", Anyone, "Read a question with its need and priorities", a.questionGet)
	add(a, "PUT /questions/{id}", SignedIn, "Write a question anew", a.questionEdit)

	// council
	add(a, "GET /maps", Anyone, "List technology maps, the newest first", a.mapList)
	add(a, "POST /maps", SignedIn, "Begin a technology map", a.mapNew)
	add(a, "GET /maps/{id}", Anyone, "Read a map with its nodes, gates, providers and shares", a.mapGet)
	add(a, "PUT /maps/{id}", SignedIn, "Write anew what a map asks", a.mapEdit)
	add(a, "POST /maps/{id}/changes", SignedIn, "Change a map: nodes, gates, providers and shares, all or none", a.mapChange)
	add(a, "POST /maps/{id}/import", SignedIn, "Take tables into a map, all or none", a.mapImport)
	add(a, "GET /maps/{id}/findings", Anyone, "Find what stops the goal of a map", a.mapFindings)
	add(a, "GET /maps/{id}/ranking", Anyone, "Rank what could be funded by expected loss averted per money", a.mapRanking)
	add(a, "GET /maps/{id}/underway", Anyone, "List what is under way at each node: questions, their calls, awards", a.mapUnderway)
	add(a, "GET /maps/{id}/outcomes", Anyone, "List what awards and their results changed on a map, the newest first", a.mapOutcomes)
	add(a, "POST /maps/{id}/questions", Staff, "Write a research question from a finding", a.mapQuestion)
	add(a, "GET /maps/{id}/readers", SignedIn, "List who is let in to a map or a sealed node by name", a.mapReaders)
	add(a, "PUT /maps/{id}/readers/{person}", SignedIn, "Let a person in to a map, or to a sealed node", a.mapAdmit)
	add(a, "DELETE /maps/{id}/readers/{person}", SignedIn, "No longer let a person in", a.mapDismiss)
	add(a, "GET /maps/{id}/suggestions", SignedIn, "List changes that are suggested for a map: all for who keeps it, their own for others", a.mapSuggestions)
	add(a, "POST /maps/{id}/suggestions", SignedIn, "Suggest changes of a map, with the reason", a.mapSuggest)
	add(a, "POST /maps/{id}/suggestions/{suggestion}/answer", SignedIn, "Accept, decline or withdraw a suggestion", a.mapAnswer)
	add(a, "PUT /maps/{id}/nodes/{node}/links/{kind}/{subject}", SignedIn, "Link a question, a call or an award to a node", a.mapLink)
	add(a, "DELETE /maps/{id}/nodes/{node}/links/{kind}/{subject}", SignedIn, "Take a link away", a.mapUnlink)
	add(a, "GET /advice", Anyone, "List requests for advice that you may see, what is due first", a.adviceList)
	add(a, "POST /advice", Staff, "Put a question to an adviser", a.adviceAsk)
	add(a, "GET /advice/{id}", Anyone, "Read a request with the answers that you may read", a.adviceGet)
	add(a, "POST /advice/{id}/advisers", Staff, "Ask one more adviser", a.adviceAdd)
	add(a, "POST /advice/{id}/answer", SignedIn, "Answer as an adviser; it stands as given", a.adviceAnswer)
	add(a, "POST /advice/{id}/decline", SignedIn, "Decline to advise, with a reason", a.adviceDecline)
	add(a, "POST /advice/{id}/close", Staff, "Close with a synthesis; everybody may read it then", a.adviceClose)
	add(a, "POST /advice/{id}/follow", Staff, "Say what became of the advice", a.adviceFollow)
	add(a, "GET /bodies", Anyone, "List the councils", a.bodyList)
	add(a, "POST /bodies", Staff, "Form a council", a.bodyNew)
	add(a, "GET /bodies/{id}", Anyone, "Read a council: who sits, by which rule, and the meetings that you may see", a.bodyGet)
	add(a, "PUT /bodies/{id}", Staff, "Set the name and rule of a council anew", a.bodyEdit)
	add(a, "POST /bodies/{id}/seats", Staff, "Begin somebody's term", a.seatNew)
	add(a, "PUT /bodies/{id}/seats/{seat}/until", Staff, "Set the last day of a term", a.seatEnd)
	add(a, "PUT /bodies/{id}/interests", SignedIn, "Declare your interests", a.bodyDeclare)
	add(a, "POST /bodies/{id}/meetings", SignedIn, "Plan a meeting", a.meetingNew)
	add(a, "GET /council-meetings/{id}", SignedIn, "Read a meeting: its agenda, attendance and approved minutes", a.meetingGet)
	add(a, "POST /council-meetings/{id}/state", SignedIn, "Convene a meeting, open or close it", a.meetingMove)
	add(a, "PUT /council-meetings/{id}/time", SignedIn, "Change when and where a meeting is, before it is opened", a.meetingSet)
	add(a, "PUT /council-meetings/{id}/present", SignedIn, "Set who is in attendance", a.meetingPresent)
	add(a, "POST /council-meetings/{id}/minutes", SignedIn, "Approve the minutes as the chair", a.minutesApprove, fresh)
	add(a, "POST /council-meetings/{id}/minutes/correct", SignedIn, "Begin another edition of approved minutes", a.minutesCorrect)
	add(a, "POST /council-meetings/{id}/items", SignedIn, "Put an item on the agenda", a.itemNew)
	add(a, "GET /council-items/{id}", SignedIn, "Read an item: dossier, votes, conditions", a.itemGet)
	add(a, "PUT /council-items/{id}", SignedIn, "Write an item anew, before its first vote", a.itemEdit)
	add(a, "DELETE /council-items/{id}", SignedIn, "Take an item off the agenda, before the meeting is opened", a.itemDrop)
	add(a, "PUT /council-items/{id}/records/{kind}/{record}", SignedIn, "Lay a record before the members as it stands now", a.itemLay)
	add(a, "POST /council-items/{id}/recusals", SignedIn, "Recuse yourself or somebody else from an item", a.itemRecuse)
	add(a, "POST /council-items/{id}/vote", SignedIn, "Open the vote on an item", a.voteOpen)
	add(a, "POST /council-items/{id}/vote/count", SignedIn, "Close the vote and count", a.voteClose)
	add(a, "POST /council-items/{id}/ballot", SignedIn, "Cast your vote; it stands as cast", a.voteCast)
	add(a, "PUT /council-items/{id}/notes", SignedIn, "Write what the minutes say of an item", a.itemNote)
	add(a, "POST /council-items/{id}/conditions", SignedIn, "Set a condition on a motion that was carried", a.conditionNew)
	add(a, "POST /council-items/{id}/advice", SignedIn, "Say whether a motion follows an advice", a.itemCite)
	add(a, "GET /council-conditions/{id}", SignedIn, "Read a condition", a.conditionGet)
	add(a, "POST /council-conditions/{id}/report", SignedIn, "Report what you did about a condition", a.conditionReport)
	add(a, "POST /council-conditions/{id}/settle", SignedIn, "Settle a condition as met or waived", a.conditionSettle)
	add(a, "GET /agreements", SignedIn, "List the agreements between agencies that concern you, what is open first", a.agreementList)
	add(a, "GET /agreements/{id}", SignedIn, "Read a case with all answers", a.agreementGet)
	add(a, "POST /agreements/{id}/answer", Staff, "Answer for an agency; it stands as given", a.agreementAnswer)
	add(a, "POST /agreements/{id}/again", Staff, "Ask all agencies anew after one sent it back", a.agreementAgain)
	add(a, "POST /agreements/{id}/withdraw", Staff, "Withdraw a case", a.agreementWithdraw)
	add(a, "POST /decisions/{id}/agreement", Staff, "Ask other agencies to agree to a list of proposals", a.decisionRefer)
	add(a, "POST /decisions/{id}/advice", Staff, "Say whether a list of proposals follows an advice", a.decisionCite)

	// scheme
	add(a, "GET /schemes", Anyone, "List the newest version of each scheme", a.schemeList)
	add(a, "GET /schemes/{scheme}", Anyone, "Read a scheme: its definition, forms and versions", a.schemeGet)
	add(a, "GET /schemes/{scheme}/compare", Anyone, "List what is different between two versions", a.schemeCompare)
	add(a, "GET /schemes/{scheme}/draft", SignedIn, "Read your draft of a scheme; the newest version where there is none", a.schemeDraft)
	add(a, "PUT /schemes/{scheme}/draft", SignedIn, "Keep a draft, broken or not", a.schemeSave)
	add(a, "POST /schemes/{scheme}/publish", SignedIn, "Publish a version of a scheme", a.schemePublish)
	add(a, "POST /schemes/check", SignedIn, "List what is wrong with a definition, and simulate it", a.schemeCheck, asking)

	// call
	add(a, "GET /calls", Anyone, "List calls, what closes next first", a.callList)
	add(a, "POST /calls", Staff, "Make a draft of a call from a version of a scheme", a.callNew)
	add(a, "GET /calls/{id}", Anyone, "Read a call", a.callGet)
	add(a, "PUT /calls/{id}", Staff, "Write a draft anew", a.callEdit)
	add(a, "POST /calls/{id}/publish", Staff, "Publish a call", a.callPublish)
	add(a, "POST /calls/{id}/amend", Staff, "Change a published call, with a note that everybody reads", a.callAmend)
	add(a, "POST /calls/{id}/cancel", Staff, "End a call that has not closed, with a reason that everybody reads", a.callCancel)
	add(a, "GET /calls/{id}/changes", Anyone, "List how a call was changed after it was published, the newest first", a.callChanges)
	add(a, "POST /calls/{id}/extend", Staff, "Move the deadline, for all or for one proposal", a.callExtend)

	// proposal
	add(a, "POST /calls/{id}/proposals", SignedIn, "Begin a proposal for an open call", a.proposalBegin)
	add(a, "GET /proposals", SignedIn, "List the proposals that you may see", a.proposalList)
	add(a, "GET /proposals/{id}", SignedIn, "Read a proposal: its answers with their versions, its team", a.proposalGet)
	add(a, "PATCH /proposals/{id}/answers", SignedIn, "Save the answers that changed", a.proposalSave)
	add(a, "GET /proposals/{id}/reuse/{from}", SignedIn, "Read which answers of an earlier proposal of your own fit", a.proposalOffer)
	add(a, "POST /proposals/{id}/reuse/{from}", SignedIn, "Take answers over from an earlier proposal of your own, into fields that have none", a.proposalReuse)
	add(a, "GET /proposals/{id}/check", SignedIn, "Read what is missing and whether the team may apply", a.proposalCheck)
	add(a, "POST /proposals/{id}/team", SignedIn, "Invite somebody to the team", a.proposalInvite)
	add(a, "PUT /proposals/{id}/team/{member}", SignedIn, "Set a member's role, share and whether they write; they confirm it again", a.proposalArrange)
	add(a, "DELETE /proposals/{id}/team/{member}", SignedIn, "Take somebody out of the team of a draft", a.proposalRemove)
	add(a, "POST /proposals/{id}/competitors", SignedIn, "Name a person or an organisation that should not review a proposal", a.competitorNew)
	add(a, "DELETE /proposals/{id}/competitors/{competitor}", SignedIn, "Take the name of a competitor back", a.competitorRemove)
	add(a, "POST /proposals/{id}/invitation", SignedIn, "Answer an invitation to a team", a.proposalAnswer)
	add(a, "PUT /proposals/{id}/files/{field}", SignedIn, "Attach a file to a field; the body is the file", a.proposalAttach, bytesIn)
	add(a, "GET /proposals/{id}/files/{field}", SignedIn, "Get a file of a proposal", a.proposalFile, bytesOut)
	add(a, "DELETE /proposals/{id}/files/{field}", SignedIn, "Remove the file of a field", a.proposalDetach)
	add(a, "POST /proposals/{id}/submit", SignedIn, "Submit; answers with the signed receipt", a.proposalSubmit)
	add(a, "POST /proposals/{id}/withdraw", SignedIn, "Withdraw a submitted proposal", a.proposalWithdraw)
	add(a, "GET /proposals/{id}/receipt", SignedIn, "Read the receipt of the submission that counts", a.proposalReceipt)
	add(a, "GET /proposals/{id}/submissions", SignedIn, "List what was submitted, the newest first", a.proposalSubmissions)
	add(a, "GET /me/approvals", SignedIn, "List the proposals that wait for your research office, what is due first", a.approvalList)
	add(a, "GET /proposals/{id}/approvals", SignedIn, "List the organisations that have to agree, with their answers", a.proposalApprovals)
	add(a, "POST /proposals/{id}/approvals", SignedIn, "Ask the research offices that have to agree", a.proposalAskApproval)
	add(a, "PUT /proposals/{id}/approvals/{organisation}", SignedIn, "Agree for an organisation, or send the proposal back", a.proposalAgree)
	add(a, "GET /proposals/{id}/compare", SignedIn, "Compare two versions of a proposal, word by word", a.proposalCompare)
	add(a, "GET /proposals/{id}/similar", SignedIn, "List proposals and awards that say the same, each with its passages", a.similarList)
	add(a, "POST /proposals/{id}/similar", Staff, "Record what you decided of such a record", a.similarJudge)

	// review
	add(a, "GET /reviews", SignedIn, "List your reviews, what is due first", a.reviewsMine)
	add(a, "GET /reviews/credit", SignedIn, "Get your reviews of decided calls as peer-review records of ORCID's schema 3.0", a.reviewCredit)
	add(a, "GET /calls/{id}/review-doubts", SignedIn, "List the reviews of a stage that give reason to look again, for staff", a.reviewDoubts)
	add(a, "GET /reviews/{id}", SignedIn, "Read a review with the text that it is about", a.reviewGet)
	add(a, "POST /reviews/{id}/answer", SignedIn, "Accept or decline an invitation, or declare a conflict", a.reviewAnswer)
	add(a, "POST /reviews/{id}/promise", SignedIn, "Promise to keep what you read for the call to yourself; the text opens then", a.reviewPromise)
	add(a, "PUT /reviews/{id}/answers", SignedIn, "Save what you judge", a.reviewSave)
	add(a, "POST /reviews/{id}/submit", SignedIn, "Submit a review; it cannot be changed then", a.reviewSubmit)
	add(a, "GET /reviews/{id}/files/{ref}", SignedIn, "Get a file of the text that you review", a.reviewFile, bytesOut)
	add(a, "GET /proposals/{id}/reviews", SignedIn, "List the reviews of a proposal, with names, for staff", a.reviewsOf)
	add(a, "POST /proposals/{id}/reviews", Staff, "Invite a reviewer", a.reviewInvite)
	add(a, "POST /reviews/{id}/cancel", Staff, "Take an invitation back, or a review that is not handed in", a.reviewCancel)
	add(a, "GET /calls/{id}/pool", SignedIn, "List who may be asked to review for a call", a.poolList)
	add(a, "PUT /calls/{id}/pool/{person}", Staff, "Put somebody into the pool of a call, or change their loads", a.poolSet)
	add(a, "DELETE /calls/{id}/pool/{person}", Staff, "Take somebody out of the pool of a call", a.poolLeave)
	add(a, "GET /calls/{id}/assignment", SignedIn, "Read the newest suggestion by proposal", a.assignmentGet, fresh)
	add(a, "POST /calls/{id}/assignment", Staff, "Suggest reviewers for all proposals of a stage; nobody is asked", a.assignmentNew)
	add(a, "GET /calls/{id}/assignment/{run}", SignedIn, "Read a suggestion whole, with its proof", a.assignmentRun, fresh)
	add(a, "POST /calls/{id}/assignment/{run}/apply", Staff, "Send all invitations of the newest suggestion", a.assignmentApply)
	add(a, "POST /calls/{id}/assignment/{run}/undo", Staff, "Take back all invitations of a suggestion that nobody has answered", a.assignmentUndo)
	add(a, "POST /calls/{id}/what-if", Staff, "Say what a suggestion under other rules would change; nothing is kept", a.assignmentWhatIf, asking)
	add(a, "GET /calls/{id}/rounds", Staff, "Read how the invitations of a stage stand, and who is next", a.roundsGet)
	add(a, "PUT /calls/{id}/rounds", Staff, "Say how the invitations of a stage go on", a.roundsPlan)
	add(a, "POST /calls/{id}/rounds/next", Staff, "Ask the next best person for every open place", a.roundsNext)
	add(a, "POST /calls/{id}/assignment-changes", Staff, "Change many pairs by a table, all or none, or try it first", a.bulkNew)
	add(a, "POST /calls/{id}/assignment-changes/{change}/undo", Staff, "Undo a table of changes", a.bulkUndo)
	add(a, "PUT /calls/{id}/candidates/{proposal}/{person}/conflict", Staff, "Settle a possible conflict of interest", a.conflictSettle)
	add(a, "GET /calls/{id}/candidates/{proposal}/repair", Staff, "Compare the ways to make good for who turned a proposal down", a.repairGet)
	add(a, "POST /calls/{id}/candidates/{proposal}/repair", Staff, "Carry one of the ways out, as one step that can be undone", a.repairDo)
	add(a, "GET /calls/{id}/candidates/{proposal}", SignedIn, "List who of the pool may judge a proposal, who fits best first", a.candidateList)
	add(a, "PUT /calls/{id}/candidates/{proposal}/{person}", Staff, "Lock, forbid or free a pair for the next suggestion", a.candidateWish)

	// panel
	add(a, "GET /panels", SignedIn, "List the panels in which you sit", a.panelsMine)
	add(a, "GET /calls/{id}/panels", SignedIn, "List the panels of a call's stage, for staff", a.panelsOf)
	add(a, "POST /calls/{id}/panels", Staff, "Make panels of the proposals that are in none", a.panelForm)
	add(a, "GET /panels/{id}", SignedIn, "Read a panel with its order of the day, as you may see it", a.panelGet)
	add(a, "PUT /panels/{id}", Staff, "Name a panel and say when it meets", a.panelEdit)
	add(a, "DELETE /panels/{id}", Staff, "Dissolve a panel in which nobody has said anything", a.panelDissolve)
	add(a, "PUT /panels/{id}/members/{person}", Staff, "Put somebody into a panel, or change what they are in it", a.panelSeat)
	add(a, "GET /panels/{id}/candidates", Staff, "List people of the pool who would cover what no member works on", a.panelFitting)
	add(a, "DELETE /panels/{id}/members/{person}", Staff, "Take somebody out of a panel", a.panelUnseat)
	add(a, "PUT /panels/{id}/members/{person}/presence", SignedIn, "Note that a member is in the meeting, or no longer, for who leads it", a.panelAttend)
	add(a, "PUT /panels/{id}/agenda", Staff, "Set the order of the day and who reports on what", a.panelAgenda)
	add(a, "POST /panels/{id}/rapporteurs", Staff, "Give each proposal the member who knows most about it", a.panelRapporteurs)
	add(a, "POST /panels/{id}/announce", Staff, "Send every member the order of the day, as they may see it", a.panelAnnounce)
	add(a, "POST /panels/{id}/promise", SignedIn, "Promise to keep what you read to yourself", a.panelPromise)
	add(a, "POST /panels/{id}/begin", SignedIn, "Begin the meeting", a.panelBegin)
	add(a, "POST /panels/{id}/end", SignedIn, "End the meeting", a.panelEnd)
	add(a, "GET /panels/{id}/items/{item}", SignedIn, "Read an item as you may see it", a.panelItem)
	add(a, "PUT /panels/{id}/items/{item}/score", SignedIn, "Say what you think of an item before the meeting", a.panelSay)
	add(a, "PUT /panels/{id}/items/{item}/vote", SignedIn, "Vote on the item that is open", a.panelVote)
	add(a, "POST /panels/{id}/items/{item}/comments", SignedIn, "Add to the discussion", a.panelComment)
	add(a, "PUT /panels/{id}/items/{item}/summary", SignedIn, "Write what the panel says of an item", a.panelSummary)
	add(a, "POST /panels/{id}/items/{item}/conflict", SignedIn, "Declare a conflict with an item; it is gone for you then", a.panelConflict)
	add(a, "POST /panels/{id}/items/{item}/move", Staff, "Put a proposal into another panel", a.panelMove)
	add(a, "POST /panels/{id}/items/{item}/call", SignedIn, "Open an item in the meeting", a.panelCall)
	add(a, "POST /panels/{id}/items/{item}/close", SignedIn, "Close the item that is open", a.panelClose)
	add(a, "GET /panels/{id}/items/{item}/files/{ref}", SignedIn, "Get a file of an item's text", a.panelFile, bytesOut)

	// decision
	add(a, "GET /decisions", SignedIn, "List the decisions that you may see, the newest first", a.decisionList)
	add(a, "POST /calls/{id}/decisions", Staff, "Begin the list of a call's stage, or read the one in work", a.decisionBegin)
	add(a, "GET /decisions/{id}", SignedIn, "Read a list in order of rank", a.decisionGet)
	add(a, "PUT /decisions/{id}", Staff, "Save outcomes and reasons", a.decisionSave)
	add(a, "GET /decisions/{id}/models", SignedIn, "Rank a list by other models of the same scores", a.decisionModels)
	add(a, "GET /decisions/{id}/meeting", SignedIn, "Read the funding meeting about a list: rows, rules, scenarios, as you may see it", a.fundingMeeting)
	add(a, "POST /decisions/{id}/meeting/try", SignedIn, "Find the best choice under rules, with what each costs; nothing is kept", a.meetingTry, asking)
	add(a, "PUT /decisions/{id}/meeting/seats/{person}", Staff, "Give somebody a seat in the meeting", a.meetingSit)
	add(a, "DELETE /decisions/{id}/meeting/seats/{person}", Staff, "Take somebody's seat away", a.meetingLeave)
	add(a, "PUT /decisions/{id}/meeting/rows/{proposal}/risk", SignedIn, "Class the risk of a proposal, with a reason", a.meetingRisk)
	add(a, "POST /decisions/{id}/meeting/rows/{proposal}/recusals", SignedIn, "Declare a conflict of interest with a proposal", a.meetingRecuse)
	add(a, "GET /decisions/{id}/meeting/bottlenecks", SignedIn, "List the nodes of technology maps that proposals of a list may cover, as you may see them", a.meetingBottlenecks)
	add(a, "PUT /decisions/{id}/meeting/bottlenecks/{map}/{node}", SignedIn, "Say which proposals of a list cover a node, with a reason", a.meetingCover)
	add(a, "POST /decisions/{id}/dissents", SignedIn, "Put a disagreement with a list, or one row, on record", a.meetingDissent)
	add(a, "POST /decisions/{id}/scenarios", SignedIn, "Save rules under a name", a.scenarioNew)
	add(a, "GET /decisions/{id}/scenarios/{scenario}", SignedIn, "Read what choosing a scenario would change", a.scenarioGet)
	add(a, "POST /decisions/{id}/scenarios/{scenario}/choose", Staff, "Write a scenario into the list as it was looked at", a.scenarioChoose)
	add(a, "POST /decisions/{id}/propose", Staff, "Close the draft and ask for the signature", a.decisionPropose)
	add(a, "POST /decisions/{id}/sign", Staff, "Sign; letters go out and awards are made", a.decisionSign, fresh)
	add(a, "POST /decisions/{id}/return", Staff, "Send a proposed list back, with a reason", a.decisionReturn)
	add(a, "PUT /decisions/{id}/items/{proposal}/lines", Staff, "Divide the money of a funded proposal over years and budget lines", a.decisionLines)
	add(a, "PUT /decisions/{id}/public", Staff, "Say from when the awards of a list are public; of a signed one move that day, with a reason", a.decisionPublic, fresh)
	add(a, "POST /decisions/{id}/correct", Staff, "Begin a decision that supersedes a signed one", a.decisionCorrect)
	add(a, "POST /appeals/{id}/answer", Staff, "Uphold an appeal and begin a correction, or dismiss it", a.appealAnswer)
	add(a, "GET /proposals/{id}/letter", SignedIn, "Read the newest letter about a proposal", a.letterGet)
	add(a, "GET /proposals/{id}/letters", SignedIn, "List all letters about a proposal, the newest first", a.letterList)
	add(a, "POST /proposals/{id}/appeal", SignedIn, "Appeal against the newest letter about your proposal", a.appealNew)

	// award and result
	add(a, "GET /awards", Anyone, "Find awards, with years, funders and states counted", a.awardList)
	add(a, "GET /awards/{id}", Anyone, "Read an award", a.awardGet)
	add(a, "GET /me/awards", SignedIn, "List the awards that you take part in", a.awardsMine)
	add(a, "POST /awards/{id}/report", SignedIn, "Hand in the report that is due", a.awardReport)
	add(a, "POST /awards/{id}/report/answer", Staff, "Accept a report, or send it back", a.awardAccept)
	add(a, "POST /awards/{id}/results", SignedIn, "Report something that came of an award", a.resultNew)
	add(a, "POST /awards/{id}/milestones", SignedIn, "Plan a milestone of an award that runs", a.milestoneNew)
	add(a, "PUT /awards/{id}/milestones/{milestone}", SignedIn, "Say how a milestone stands", a.milestoneSet)
	add(a, "GET /results", Anyone, "Find public results", a.resultList)
	add(a, "GET /payments", SignedIn, "List the payments of your agencies, what is due first", a.paymentList, fresh)
	add(a, "POST /payments/approve", SignedIn, "Approve payments", a.paymentsApprove)
	add(a, "POST /payments/hold", SignedIn, "Hold payments back, with a reason", a.paymentsHold)
	add(a, "POST /payments/export", SignedIn, "Hand approved payments over to the accounts", a.paymentsExport, fresh)

	// insight
	add(a, "GET /figures", Anyone, "Read the figures of the installation and of each decided call", a.figures)

	// retention
	add(a, "GET /retention/rules", Keepers, "List how long each class of records is kept", a.retentionRules)
	add(a, "PUT /retention/rules/{class}", Admins, "Change how long a class of records is kept", a.retentionRule, fresh)
	add(a, "GET /retention/due/{class}", Keepers, "List the records of a class whose time is over", a.retentionDue)
	add(a, "GET /retention/holds", Keepers, "List legal holds that stand", a.holdList)
	add(a, "POST /retention/holds", Keepers, "Place a legal hold on a record", a.holdNew)
	add(a, "POST /retention/holds/{id}/lift", Keepers, "Lift a legal hold", a.holdLift)
	add(a, "POST /retention/due/{class}", Keepers, "Have records of a class erased whose time is over", a.retentionEraseDue, fresh)
	add(a, "POST /retention/foresee", Keepers, "Tell what erasing a record would touch, and what rules and holds keep", a.erasureForesee, asking)
	add(a, "GET /retention/erasures", Keepers, "List the erasures that were ordered, the newest first", a.erasureList)
	add(a, "POST /retention/erasures", Keepers, "Have a record erased", a.erasureOrder, fresh)
	add(a, "GET /retention/erasures/{id}", Keepers, "Read an erasure: what was erased, and what rules keep", a.erasureGet)
	add(a, "GET /retention/erasures/{id}/receipt", Keepers, "Read the signed receipt of an erasure that was done", a.erasureReceipt)
	add(a, "GET /data-requests", Admins, "List what people ask about their own data, what is due first on top", a.caseList)
	add(a, "GET /data-requests/{id}", Admins, "Read a request about somebody's own data", a.caseGet)
	add(a, "POST /data-requests/{id}/answer", Admins, "Grant or refuse a request; an erasure that is granted runs ten minutes later", a.caseAnswer, fresh)

	// ledger
	add(a, "GET /ledger/heads", Anyone, "List signed heads", a.ledgerHeads)
	add(a, "GET /ledger/keys", Anyone, "List the public keys of all times", a.ledgerKeys)
	add(a, "GET /ledger/entries", Auditors, "List entries, the newest first", a.ledgerEntries)
	add(a, "POST /ledger/verify", Auditors, "Check the whole ledger now", a.ledgerVerify, asking)
	add(a, "POST /ledger/receipts/verify", Anyone, "Check a receipt", a.receiptVerify, asking)

	// exchange
	add(a, "GET /imports", Admins, "List what was taken in from elsewhere, the newest first", a.importList)
	add(a, "GET /imports/{id}", Admins, "Read one run with its suspected duplicates", a.importGet)
	add(a, "POST /imports/{id}/check", Admins, "Note that a run was looked through", a.importCheck)

	// exchange: the CommonGrants protocol, whose paths are its own
	add(a, "GET /common-grants/opportunities", Anyone, "List public calls as opportunities, what changed last first", a.commonList, a.common("Opportunities_list"))
	add(a, "GET /common-grants/opportunities/{oppId}", Anyone, "Read a public call as an opportunity", a.commonRead, a.common("Opportunities_read"))
	add(a, "POST /common-grants/opportunities/search", Anyone, "Search public calls as opportunities", a.commonSearch, a.common("Opportunities_search"))
}
