# SPDX-License-Identifier: GPL-3.0-or-later
"""peer.py ROUNDS NAME N [NAME N]...: consensus and alpha as one would write them with numpy, on the rows that
numeric.c makes: the same start, pseudo-counts and stopping rule. Prints the same lines of JSON."""
import json
import sys
import time

import numpy as np

LABELS_PER_TASK, ANNOTATORS, CLASSES = 5, 50, 4
RIGHT, WRONG, PI_COUNT, TOLERANCE = 1.0, 0.25, 0.5, 1e-8


def mix(z):
    z = z.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def labels(n):
    tasks = n // LABELS_PER_TASK
    i = np.arange(tasks * LABELS_PER_TASK, dtype=np.uint64)
    task = i // np.uint64(LABELS_PER_TASK)
    h = mix(i)
    right = mix(task + np.uint64(1 << 40)) % np.uint64(CLASSES)
    wrong = (right + np.uint64(1) + ((h >> np.uint64(40)) & np.uint64(0xFFFFFFFF)) % np.uint64(3)) % np.uint64(CLASSES)
    said = np.where(((h >> np.uint64(32)) & np.uint64(255)) < 192, right, wrong)
    return tasks, task.astype(np.int64), (h % np.uint64(ANNOTATORS)).astype(np.int64), said.astype(np.int64)


def consensus(data):
    tasks, task, annotator, said = data
    k = CLASSES
    cell = annotator * k + said
    prior = np.full((k, k), WRONG) + np.eye(k) * (RIGHT - WRONG)  # [said][true]
    votes = np.bincount(task * k + said, minlength=tasks * k).reshape(tasks, k)
    posterior = votes / votes.sum(axis=1, keepdims=True)
    for iteration in range(1, 1001):
        counts = np.empty((ANNOTATORS * k, k))
        for true in range(k):
            counts[:, true] = np.bincount(cell, weights=posterior[task, true], minlength=ANNOTATORS * k)
        counts = counts.reshape(ANNOTATORS, k, k) + prior
        theta = counts / counts.sum(axis=1, keepdims=True)
        mass = posterior.sum(axis=0) + PI_COUNT
        log_pi = np.log(mass / mass.sum())
        log_theta = np.log(theta).reshape(ANNOTATORS * k, k)
        scores = np.empty((tasks, k))
        for true in range(k):
            scores[:, true] = log_pi[true] + np.bincount(task, weights=log_theta[cell, true], minlength=tasks)
        top = scores.max(axis=1, keepdims=True)
        shares = np.exp(scores - top)
        total = shares.sum(axis=1, keepdims=True)
        log_likelihood = float((top + np.log(total)).sum())
        shares /= total
        change = np.abs(shares - posterior).max()
        posterior = shares
        if change <= TOLERANCE:
            break
    return iteration, log_likelihood


def alpha(data):
    tasks, task, _, said = data
    votes = np.bincount(task * CLASSES + said, minlength=tasks * CLASSES).reshape(tasks, CLASSES).astype(float)
    m = votes.sum(axis=1)
    votes, m = votes[m >= 2], m[m >= 2]
    n = m.sum()
    observed = ((m * m - (votes * votes).sum(axis=1)) / (m - 1)).sum() / n
    total = votes.sum(axis=0)
    expected = (n * n - (total * total).sum()) / (n * (n - 1))
    return 0, 1 - observed / expected


def main():
    functions = {"consensus": consensus, "alpha": alpha}
    rounds, pairs = int(sys.argv[1]), sys.argv[2:]
    for name, n in zip(pairs[::2], pairs[1::2]):
        data = labels(int(n))
        taken = []
        for _ in range(rounds):
            begun = time.process_time()
            iterations, check = functions[name](data)
            taken.append((time.process_time() - begun) * 1e3)
        print(json.dumps({"name": name, "n": int(n), "ms": taken, "iterations": iterations, "check": check}), flush=True)


main()
