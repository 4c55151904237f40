// Package calibrate tells what the scores of reviewers say about the order of
// proposals, and what they cannot tell.
//
// # Contract
//
// A [Panel] holds scores, higher is better, of proposals by reviewers, possibly
// in several panels and by several criteria. [Calibrate] returns for each
// proposal the expected rank (1 is best), an interval that holds the true rank
// with a probability near [Options.Level], and the probability of being among
// the first [Options.Funded]; for each reviewer how mild (above zero) or strict
// (below) and how scattered the scores are; and Krippendorff's alpha.
//
// Everything may be missing: a proposal with one review gets a wide interval, one
// with none the widest; a reviewer with one review counts as an average one.
//
// # Model
//
// The score of a review is
//
//	overall + proposal + reviewer + panel + noise
//
// with normal effects of unknown standard deviations, as in the Bayesian ranking
// of the Swiss National Science Foundation (Heyard, Ott, Salanti, Egger:
// "Rethinking the funding line at the Swiss National Science Foundation:
// Bayesian ranking and lottery", Statistics and Public Policy 9, 2022, section
// 2). Standard deviations are uniform a priori. There are five differences. The
// overall mean is not fixed at the mean of the proposals but flat. The standard
// deviation of reviewers is estimated; [Options.ReviewerSD] fixes it, as they do
// at 0.5 on a scale of six and 1 on one of nine. The effect of a reviewer on one
// proposal and the noise are one term, as one score cannot tell them apart. The
// bound of the standard deviations is half the range of the scores, the most
// that values in that range can have (Popoviciu, 1935), where they take 2 and 3. The
// noise has a floor: that of rounding to the steps of the scale.
//
// With several criteria a review's score is the weighted mean of its scores, each
// less the mean of its criterion; what the criteria scatter within a review adds
// to the noise of reviews that miss some.
//
// Ranks are those of the proposal effects: a panel that is mild on the whole gives
// no proposal an advantage, which supposes panels of equal quality.
//
// # Other models
//
// [Options.Model] chooses two others, to see what hangs on the model. [LeastSquares] fits the
// same effects without drawing them to their mean (leastsquares.go); [PlackettLuce] uses
// nothing but the order, with ties, in which each reviewer puts proposals, and gives no
// effects of reviewers (plackettluce.go). Both draw from the normal distribution about their fit;
// all that is said of ranks is said of these draws.
//
// # Method
//
// Given the standard deviations everything else is normal, and its precision
// matrix is sparse. Up to some 200 reviewers (or proposals, the fewer count)
// the standard deviations are integrated numerically: exact marginal likelihood,
// adaptive importance sampling (Cornuet, Marin, Mira, Robert, 2012) on points of
// Halton. Beyond, a Gibbs sampler draws all effects at once by perturbing the
// right side of the normal equations (Papandreou and Yuille, 2010) and conjugate
// gradients, then the standard deviations by slices (Neal, 2003). Every draw is
// used with its mirror image about the conditional mean.
//
// N scores cost O(N·D + N·log P) with D draws, 500 to 8,000; equal panels and
// options give equal results on every machine of one architecture. Least squares costs a
// dense factorisation of the fewer of reviewers and proposals, O(n³) for up to 3,000; rankings
// O(m²·Σk) of each reviewer's m proposals with ties of k, and a factorisation, each some ten
// times, for up to 2,000 proposals.
package calibrate
