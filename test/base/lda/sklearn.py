"""What scikit-learn's LatentDirichletAllocation makes of a corpus; JSON on standard output.

    python3 sklearn.py golden > golden.json      the committed answer
    python3 sklearn.py heldout < corpus.json     perplexity of held-out documents, own random starts

`golden` starts the topic weights of a document at 1 instead of at random, as Tapspot does; everything else is
scikit-learn's own code.
"""
import json
import os
import sys

# This file's own folder must not hide the library it is named after.
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != os.path.dirname(os.path.abspath(__file__))]

import numpy as np
from scipy import sparse
from sklearn.decomposition import LatentDirichletAllocation


class FixedStart(LatentDirichletAllocation):
    def _e_step(self, X, cal_sstats, random_init, parallel=None):
        return super()._e_step(X, cal_sstats, False, parallel)


def corpus(rng, documents, words, topics):
    beta = rng.dirichlet([0.1] * words, topics)
    X = np.zeros((documents, words), dtype=int)
    for d in range(documents):
        theta = rng.dirichlet([0.3] * topics)
        for _ in range(rng.poisson(40)):
            X[d, rng.choice(words, p=beta[rng.choice(topics, p=theta)])] += 1
    return X[X.sum(axis=1) > 0]


def started(model, X, lam):
    model._init_latent_vars(X.shape[1])
    model.components_ = lam.copy()
    from sklearn.decomposition._online_lda_fast import _dirichlet_expectation_2d
    model.exp_dirichlet_component_ = np.exp(_dirichlet_expectation_2d(model.components_))
    model.n_features_in_ = X.shape[1]
    return model


def golden():
    rng = np.random.RandomState(7)
    words, topics = 25, 4
    X = corpus(rng, 44, words, topics).astype(float)
    train, held = X[:36], X[36:]
    lam = rng.gamma(100.0, 0.01, (topics, words))
    o = dict(n_components=topics, doc_topic_prior=0.2, topic_word_prior=0.05, max_doc_update_iter=1000,
             mean_change_tol=1e-9, learning_offset=10.0, learning_decay=0.7, random_state=0)
    batch = started(FixedStart(learning_method="batch", **o), train, lam)
    for _ in range(3):
        batch._em_step(sparse.csr_matrix(train), total_samples=len(train), batch_update=True)
    online = started(FixedStart(learning_method="online", **o), train, lam)
    for i in range(0, 36, 9):
        online._em_step(sparse.csr_matrix(train[i:i + 9]), total_samples=len(train), batch_update=False)
    out = {
        "alpha": 0.2, "eta": 0.05, "topics": topics, "batchSteps": 3, "onlineBatch": 9,
        "train": train.astype(int).tolist(), "held": held.astype(int).tolist(), "lambda": lam.tolist(),
        "batch": batch.components_.tolist(), "online": online.components_.tolist(),
        "theta": batch.transform(sparse.csr_matrix(held)).tolist(),
        "perplexity": {"train": batch.perplexity(sparse.csr_matrix(train)),
                       "held": batch.perplexity(sparse.csr_matrix(held)),
                       "online": online.perplexity(sparse.csr_matrix(held))},
    }
    json.dump(out, sys.stdout)


def heldout():
    c = json.load(sys.stdin)
    X, held = np.array(c["train"], dtype=float), np.array(c["held"], dtype=float)
    got = []
    for seed in range(c["starts"]):
        m = LatentDirichletAllocation(c["topics"], doc_topic_prior=c["alpha"], topic_word_prior=c["eta"],
                                      learning_method="batch", max_iter=c["passes"], random_state=seed)
        m.fit(sparse.csr_matrix(X))
        got.append(m.perplexity(sparse.csr_matrix(held)))
    json.dump(got, sys.stdout)


{"golden": golden, "heldout": heldout}[sys.argv[1]]()
