"""The six groups of books that a verse can be from; a group's number is its place in `NAMES`."""

LAST_BOOKS = {
    "Law": "Deuteronomy",
    "History": "Esther",
    "Wisdom": "Song of Solomon",
    "Prophets": "Malachi",
    "Gospels and Acts": "Acts",
    "Letters and Revelation": "Revelation",
}
NAMES = list(LAST_BOOKS)


def of_books(books: list[str]) -> dict[str, int]:
    """Returns the group of each book; `books` are all 66, in the order of the Bible.

    Raises:
        ValueError: a book is missing with which a group ends.
    """
    ends = [books.index(book) for book in LAST_BOOKS.values()]
    return {book: sum(place > end for end in ends) for place, book in enumerate(books)}
