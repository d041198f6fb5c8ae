/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_consensus.h: Dawid-Skene consensus, the true class and each annotator's confusion matrix */
#ifndef CALC_CONSENSUS_H
#define CALC_CONSENSUS_H

#include "calc_labels.h"
#include "calc_status.h"

#include <stdbool.h>

/*
 * Model (Dawid & Skene, Applied Statistics 28, 1979): task i has a true class k with probability
 * pi_k; annotator j says l with probability theta_jkl, independently given k. EM for the posterior
 * mode: T_ik is the posterior of task i.
 *
 *     start  T = vote shares
 *     M      theta_jkl ~ alpha_kl + sum_i T_ik [j said l],  pi_k ~ pi_count + sum_i T_ik
 *     E      T_ik ~ pi_k prod theta_jkl
 *     stop   max |change of T| <= tolerance, or max_iterations
 *
 * Tasks with a known answer (gold, adjudicated) have T = that answer from the start and throughout.
 * Gold tasks stay out of pi: their mix of classes is the owner's choice, not the population's;
 * adjudicated tasks belong to the population. Tasks without a counted label stay out too, and get
 * T = pi at the end. Labels of blocked annotators weigh nothing in T and pi; their own matrices are
 * estimated once, at the end, from the finished T.
 *
 * Pseudo-counts alpha_kk = right, alpha_kl = wrong. Plain maximum likelihood (right = wrong =
 * pi_count = 0) overfits at three labels a task and is for verification; a matrix row nobody
 * informs is then 1/k. One-coin: theta_jkk = p_j, errors uniform over the other classes,
 * p_j = (right answers + right) / (answers + right + (k-1) wrong), kept within [1e-10, 1 - 1e-10].
 *
 * The E step multiplies probabilities in linear space and renormalises every 16 labels; it is
 * fused with the counting for the next M step. theta and counts are [annotator][said][true],
 * contiguous in the true class; k = 2..6 are specialised at compile time. No randomness: equal
 * labels (calc_labels.h) give bit-equal answers.
 */
enum calc_consensus_model { CALC_CONSENSUS_PER_CLASS, CALC_CONSENSUS_ONE_COIN };

struct calc_consensus_options {
    enum calc_consensus_model model;
    double right;    /* pseudo-count alpha_kk */
    double wrong;    /* pseudo-count alpha_kl, k != l */
    double pi_count; /* pseudo-count of a class in pi */
    double tolerance;
    uint32_t max_iterations;
};

/*
 * PER_CLASS, right 1, wrong 1/4 for every k, pi_count 1/2, tolerance 1e-8, 1000 iterations. A
 * newcomer is thus expected to be right with probability 4/(k+3).
 */
struct calc_consensus_options calc_consensus_defaults(void);

/* Read all members freely; they change by the functions below only. */
struct calc_consensus {
    const struct calc_labels *labels;
    const uint32_t *known; /* n_tasks: class or CALC_LABEL_NONE; NULL = none known */
    const uint8_t *gold;   /* n_tasks: 1 for gold tasks; NULL = none */
    struct calc_consensus_options options;
    double *pi;            /* k */
    double *theta;         /* n_annotators * k * k: [annotator][said][true] */
    double *posterior;     /* n_tasks * k */
    double *counts;        /* n_annotators * k * k: expected counts, pseudo-counts included */
    double *mass;          /* k: sum of T over the tasks that inform pi */
    double *spare;         /* of the fit */
    uint32_t iterations;   /* E steps done */
    double change;         /* max |change of T| of the last one */
    double log_likelihood; /* of the counted labels under the pi, theta the last E step used */
};

/* Bytes of workspace, of any alignment; 0 when a size is out of domain (calc_labels.h). */
size_t calc_consensus_size(size_t n_tasks, size_t n_annotators, size_t k);

/*
 * Start from vote shares. labels, known, gold and mem must outlive *c.
 * CALC_DOMAIN: a known class >= k, a gold task without known class, a negative or non-finite
 * option. CALC_SIZE: size < calc_consensus_size().
 */
enum calc_status calc_consensus_init(struct calc_consensus *c, const struct calc_labels *labels,
                                     const uint32_t *known, const uint8_t *gold,
                                     const struct calc_consensus_options *options, void *mem,
                                     size_t size);

/* The known class of a task, or CALC_LABEL_NONE. */
static inline uint32_t calc_consensus_known(const struct calc_consensus *c, uint32_t task)
{
    return c->known ? c->known[task] : CALC_LABEL_NONE;
}

/* One M step and one E step. */
void calc_consensus_iterate(struct calc_consensus *c);

/* Whether the last iteration changed no posterior by more than the tolerance. */
bool calc_consensus_test(const struct calc_consensus *c);

/* M step from the final posteriors, over the labels of blocked annotators as well. */
void calc_consensus_finish(struct calc_consensus *c);

/*
 * iterate until test or the limit, then finish. After 64 iterations slow convergence is helped by
 * extrapolation (calc_consensus_leap.h), with positive pseudo-counts only. CALC_NOT_CONVERGED at
 * the limit: everything is filled and usable, EM being monotone, but c->change says how far it
 * still moved.
 */
enum calc_status calc_consensus_fit(struct calc_consensus *c);

/*
 * log_likelihood plus the log prior (up to a constant) at the same parameters; call it between
 * iterations. No iteration lowers it: that is the property of EM which tests hold us to.
 */
double calc_consensus_log_posterior(const struct calc_consensus *c);

/* Probability that annotator j names the true class of a random task: sum_k pi_k theta_jkk. */
double calc_consensus_reliability(const struct calc_consensus *c, uint32_t annotator);

/* theta[said * k + true] of an annotator nobody has seen: the pseudo-counts alone. */
void calc_consensus_prior_theta(const struct calc_consensus_options *options, uint32_t k,
                                double *theta);

/* One label and the weights of who gave it: theta as above (k * k), NULL = never fitted. */
struct calc_consensus_vote {
    const double *theta;
    uint32_t label;
};

/*
 * Posterior of a single task under weights fitted earlier: posterior_k ~ pi_k prod theta_k,label.
 * pi = NULL (nothing fitted yet) is uniform; without votes the posterior is pi. Leave out blocked
 * annotators. The product runs in the order of votes: pass them by annotator.
 * CALC_DOMAIN: k = 0 or > CALC_LABELS_MAX_K, a label >= k. CALC_UNDEFINED: the weights give the
 * votes probability zero in every class (not possible with pseudo-counts).
 */
enum calc_status calc_consensus_task(const struct calc_consensus_options *options, uint32_t k,
                                     const double *pi, const struct calc_consensus_vote *votes,
                                     size_t n, double *posterior);

#endif
