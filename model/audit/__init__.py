"""What a model has kept of its texts: memorisation, membership, utility, and how near it is to one that never saw them.

    scores        one pass over texts: likelihood and rank of every token
    memorisation  extraction strength, exact memorisation, verbatim extraction, probability
    overlap       ROUGE-L
    membership    loss, zlib, reference, Min-K % and Min-K %++ attacks
    separation    AUROC, its interval, true positives at few false ones, PrivLeak
    questions     truth ratio and model utility of question sets (TOFU)
    compare       two-sample Kolmogorov-Smirnov, and equivalence to retrained oracles
    relearn       how fast forgotten texts come back
    documents     all that is said of a set of documents, for audits and certificates

Functions of arrays are numpy; only scores, documents and relearn run a model. Each docstring names the published definition.
"""
