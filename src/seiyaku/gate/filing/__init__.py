"""Filing the parts of a policy under the words by which the gate is asked for them."""
