"""What everything else stands on: errors, ids, clock, bilingual text, actors, documents.

Nothing here knows of policies, systems or people.
"""
