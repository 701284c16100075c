"""A bag of words: logistic regression on tf-idf, the measure that the fine-tuned model has to beat.

All in float64. The penalty is the one of `PENALTIES` that does best in cross-validation on the training rows.
"""

import numpy as np

PENALTIES = (1e-3, 3e-4, 1e-4, 3e-5)
VOCABULARY = 30522
FOLDS = 5
STEPS = 200


def predict(train: dict[str, np.ndarray], test: dict[str, np.ndarray], classes: int) -> np.ndarray:
    """Returns a class for each test row; both have `tokens` and `mask` (n, length), `train` also `labels` (n)."""
    counts = bags(train)
    known = counts.any(axis=0)
    frequency = inverse_frequency(counts[:, known])
    rows, labels = weigh(counts[:, known], frequency), train["labels"]
    scores = [cross_validated(rows, labels, classes, penalty) for penalty in PENALTIES]
    weights = fit(rows, labels, classes, PENALTIES[int(np.argmax(scores))])
    return (weigh(bags(test)[:, known], frequency) @ weights).argmax(axis=1)


def bags(split: dict[str, np.ndarray]) -> np.ndarray:
    """Returns how often each token number is in each row."""
    tokens = np.where(split["mask"] == 1, split["tokens"], 0)
    counts = np.zeros((len(tokens), VOCABULARY))
    np.add.at(counts, (np.arange(len(tokens))[:, None], tokens), split["mask"])
    return counts


def inverse_frequency(counts: np.ndarray) -> np.ndarray:
    """Returns log of the inverse share of rows that have a word, plus one (Salton and Buckley, 1988)."""
    return np.log((1 + len(counts)) / (1 + (counts > 0).sum(axis=0))) + 1


def weigh(counts: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Returns tf-idf in rows of length one; a count c above 0 weighs 1 + log c."""
    weighed = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * frequency
    return weighed / np.sqrt((weighed**2).sum(axis=1, keepdims=True))


def cross_validated(rows: np.ndarray, labels: np.ndarray, classes: int, penalty: float) -> float:
    """Returns the mean share put right over folds; row i is in fold i mod `FOLDS`."""
    fold = np.arange(len(rows)) % FOLDS
    right = [
        rows[fold == f] @ fit(rows[fold != f], labels[fold != f], classes, penalty) for f in range(FOLDS)
    ]
    return float(np.mean([np.mean(s.argmax(axis=1) == labels[fold == f]) for f, s in enumerate(right)]))


def fit(rows: np.ndarray, labels: np.ndarray, classes: int, penalty: float) -> np.ndarray:
    """Returns weights (words, classes) of the least cross-entropy plus penalty, by Nesterov's gradient method.

    Rows of length one keep the curvature below 1/2 + `penalty`, which gives the step's size.
    """
    targets = np.eye(classes)[labels]
    weights = ahead = np.zeros((rows.shape[1], classes))
    for step in range(STEPS):
        error = softmax(rows @ ahead) - targets
        gradient = rows.T @ error / len(rows) + penalty * ahead
        before, weights = weights, ahead - gradient / (0.5 + penalty)
        ahead = weights + step / (step + 3) * (weights - before)
    return weights


def softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
